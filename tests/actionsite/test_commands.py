"""manage.py in a data directory of its own: what needs a database has one, the rest starts none."""

import json
import os
import stat

import pytest

from actionsite.embedded import cluster_of


@pytest.fixture
def local(data_dir, monkeypatch, run_manage):
    """Run commands as somebody who has set nothing but the data directory."""
    for name in [name for name in os.environ if name.startswith(("ACTIONSITE_", "DATABASE_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("ACTIONSITE_DATA_DIR", str(data_dir))
    return run_manage


@pytest.mark.parametrize(
    "arguments",
    [
        ["check"],
        ["help"],
        ["makemigrations", "--check", "--dry-run"],
        ["migrate", "--help"],
        ["database_url"],
    ],
)
def test_a_command_that_needs_no_database_writes_nothing(local, data_dir, arguments):
    local(*arguments)

    assert list(data_dir.iterdir()) == []


def test_a_command_that_needs_a_database_brings_its_own_and_ends_it(local, data_dir):
    local("migrate", "--verbosity", "0")

    shown = local("showmigrations", "--plan").stdout

    assert "[X]  actions.0001_initial" in shown
    assert cluster_of(data_dir).postmaster() is None
    assert stat.S_IMODE((data_dir / "keys.env").stat().st_mode) == 0o600


def test_the_url_of_the_database_stands_alone_on_standard_output(local, data_dir):
    shown = local("database_url")

    assert shown.stdout == f"{cluster_of(data_dir).url()}\n"
    assert "manage.py up starts it" in shown.stderr


def test_commands_beside_a_demo_are_of_the_demo(local, data_dir):
    card = {"url": "http://127.0.0.1:9999", "demo": {"smtp_port": 2525, "http_port": 2526}}
    (data_dir / "up.json").write_text(json.dumps(card))

    shown = local("diffsettings", "--output", "unified").stdout

    assert "+ ACTIONSITE_DEMO = True" in shown
    assert "+ ACTIONSITE_DEMO_SMTP_PORT = 2525" in shown
    assert "+ ACTIONSITE_BASE_URL = 'http://127.0.0.1:9999'" in shown


def test_with_a_database_url_nothing_is_assumed(local):
    env = {"DATABASE_URL": "postgresql://db.example/site"}

    refused = local("check", env=env, expect=1)

    assert refused.stderr.startswith("manage.py: ACTIONSITE_SECRET_KEY is not set")
