"""What `up` and other commands fill in where the environment says nothing."""

import socket
import tempfile
from pathlib import Path

import pytest

from actionsite.env import WrongSetting
from actionsite.supervise import environment
from actionsite.supervise.options import Options, parse


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], Options()),
        (["--port", "9000"], Options(port=9000)),
        (["--data-dir=/d", "--workers", "3"], Options(data_dir=Path("/d"), workers=3)),
        (["--no-demo", "--verbosity", "2"], Options(no_demo=True)),
        (["--port", "many"], Options()),
    ],
)
def test_the_command_line_is_read_before_django_reads_it(arguments, expected):
    assert parse(arguments) == expected


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("192.0.2.1", False), ("h", False)],
)
def test_a_loopback_address_is_known(host, expected):
    assert Options(host=host).is_loopback is expected


def test_a_local_installation_gets_all_that_it_needs(tmp_path):
    variables = {}

    environment.complete(variables, options=Options(port=9000, workers=3), data_dir=tmp_path)

    assert variables["ACTIONSITE_BASE_URL"] == "http://127.0.0.1:9000"
    assert variables["ACTIONSITE_ALLOW_HTTP"] == "1"
    assert variables["ACTIONSITE_DEMO"] == "1"
    assert variables["ACTIONSITE_ENVIRONMENT"] == "development"
    assert variables["ACTIONSITE_WORKERS"] == "3"
    assert variables["DATABASE_URL"].startswith("postgresql://postgres@/actionsite?host=")
    assert len(variables["ACTIONSITE_SECRET_KEY"]) >= 50
    assert list(tmp_path.glob("postgres*")) == []


def test_what_is_set_stays(tmp_path):
    given = {
        "DATABASE_URL": "postgresql://db.example/site",
        "ACTIONSITE_BASE_URL": "https://a.example",
        "ACTIONSITE_DEMO": "0",
        "ACTIONSITE_DEMO_SMTP_PORT": "2525",
    }
    variables = dict(given)

    environment.complete(variables, options=Options(), data_dir=tmp_path)

    assert {name: variables[name] for name in given} == given
    assert "ACTIONSITE_ALLOW_HTTP" not in variables
    assert environment.EMBEDDED_MARK not in variables


def test_no_demo_wins_over_the_environment(tmp_path):
    variables = {"ACTIONSITE_DEMO": "1"}

    environment.complete(variables, options=Options(no_demo=True), data_dir=tmp_path)

    assert variables["ACTIONSITE_DEMO"] == "0"
    assert "ACTIONSITE_ENVIRONMENT" not in variables


def test_an_address_for_others_must_be_named(tmp_path):
    with pytest.raises(WrongSetting, match="ACTIONSITE_BASE_URL to the address they use"):
        environment.complete({}, options=Options(host="192.0.2.1"), data_dir=tmp_path)


def test_a_port_that_another_start_has_claimed_is_not_taken_too(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    port = environment.free_port()

    assert (environment.claim(port), environment.claim(port)) == (True, False)


def test_a_port_that_is_taken_is_known(tmp_path):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]

        assert not environment.is_free(port)

    assert environment.is_free(port)
