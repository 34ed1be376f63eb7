"""Production is the default posture: what is missing or unsafe stops the start."""

import os
import runpy
import warnings

import pytest

from actionsite.env import WrongSetting
from tests.fixtures.installation import ROOT

PRODUCTION = {
    "DATABASE_URL": "postgresql://me:hunter2@db.example/site",
    "ACTIONSITE_SECRET_KEY": "one-hunter2-" * 5,
    "ACTIONSITE_FINGERPRINT_KEY": "two-hunter2-" * 5,
    "ACTIONSITE_VAULT_KEY": "six-hunter2-" * 5,
    "ACTIONSITE_BASE_URL": "https://actions.example",
}


@pytest.fixture
def load(monkeypatch):
    """Run the settings file in an environment of its own."""

    def run(**changes):
        for name in [name for name in os.environ if name.startswith(("ACTIONSITE_", "DATABASE_"))]:
            monkeypatch.delenv(name)
        for name, value in {**PRODUCTION, **changes}.items():
            monkeypatch.setenv(name, value)
        with warnings.catch_warnings():
            return runpy.run_path(str(ROOT / "actionsite" / "settings.py"))

    return run


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"ACTIONSITE_SECRET_KEY": ""}, "ACTIONSITE_SECRET_KEY is not set"),
        ({"ACTIONSITE_SECRET_KEY": "short"}, "ACTIONSITE_SECRET_KEY has 5 characters"),
        ({"ACTIONSITE_FINGERPRINT_KEY": ""}, "ACTIONSITE_FINGERPRINT_KEY is not set"),
        ({"ACTIONSITE_FINGERPRINT_KEY": "one-hunter2-" * 5}, "are equal"),
        ({"ACTIONSITE_VAULT_KEY": ""}, "ACTIONSITE_VAULT_KEY is not set"),
        ({"ACTIONSITE_VAULT_KEY": "two-hunter2-" * 5}, "are equal"),
        ({"ACTIONSITE_ALLOWED_HOSTS": "a.example,*"}, "ACTIONSITE_ALLOWED_HOSTS is '*'"),
        ({"DATABASE_URL": ""}, "DATABASE_URL is not set"),
        ({"DATABASE_URL": "sqlite:///site.db"}, "PostgreSQL only"),
        ({"DATABASE_DIRECT_URL": "sqlite:///site.db"}, "DATABASE_DIRECT_URL has the scheme"),
        ({"ACTIONSITE_BASE_URL": ""}, "ACTIONSITE_BASE_URL is not set"),
        ({"ACTIONSITE_BASE_URL": "http://a.example"}, "ACTIONSITE_ALLOW_HTTP=1"),
        ({"ACTIONSITE_ENVIRONMENT": "prod"}, "production, staging, development"),
        ({"ACTIONSITE_EGRESS_ALLOW": "10.0.0.1/8"}, "ACTIONSITE_EGRESS_ALLOW: '10.0.0.1/8' is no"),
        ({"ACTIONSITE_SMTP_URL": "smtp://a"}, "ACTIONSITE_MAIL_FROM is not set"),
        (
            {"ACTIONSITE_SMTP_URL": "smtp://me:hunter2@a", "ACTIONSITE_MAIL_FROM": "a@b.example"},
            "ACTIONSITE_SMTP_URL: ",
        ),
    ],
)
def test_an_unsafe_installation_does_not_start(load, changes, sentence):
    with pytest.raises(WrongSetting) as refusal:
        load(**changes)

    assert sentence in str(refusal.value)
    assert "hunter2" not in str(refusal.value)


def test_over_https_browsers_are_held_to_it(load):
    settings = load()

    assert settings["DEBUG"] is False
    assert settings["SECURE_SSL_REDIRECT"] is True
    assert settings["SESSION_COOKIE_SECURE"] is True
    assert settings["CSRF_COOKIE_SECURE"] is True
    assert settings["SECURE_HSTS_SECONDS"] >= 365 * 24 * 60 * 60
    assert settings["ALLOWED_HOSTS"] == ["actions.example"]


def test_plain_http_must_be_allowed_by_name(load):
    settings = load(ACTIONSITE_BASE_URL="http://127.0.0.1:8000", ACTIONSITE_ALLOW_HTTP="1")

    assert settings["SECURE_SSL_REDIRECT"] is False
    assert settings["SECURE_HSTS_SECONDS"] == 0


def test_a_web_process_pools_its_connections_and_bounds_its_statements(load):
    database = load(ACTIONSITE_ROLE="web")["DATABASES"]["default"]

    assert database["CONN_MAX_AGE"] == 0
    assert database["OPTIONS"]["pool"]["max_size"] == 20
    assert database["OPTIONS"]["options"] == "-c statement_timeout=30000"


def test_a_statement_timeout_of_zero_is_not_sent(load):
    # A transaction pooler refuses start-up options that it does not know.
    changes = {"ACTIONSITE_ROLE": "web", "ACTIONSITE_STATEMENT_TIMEOUT_SECONDS": "0"}

    assert "options" not in load(**changes)["DATABASES"]["default"]["OPTIONS"]


def test_a_worker_connects_directly_and_stays_connected(load):
    settings = load(
        ACTIONSITE_ROLE="worker", DATABASE_DIRECT_URL="postgresql://me@direct.example/site"
    )
    database = settings["DATABASES"]["default"]

    assert (database["HOST"], database["CONN_MAX_AGE"]) == ("direct.example", None)
    assert "pool" not in database["OPTIONS"]


def test_the_apps_of_a_user_come_last_and_once(load):
    apps = load(ACTIONSITE_APPS="onboarding, tests.probe,onboarding")["INSTALLED_APPS"]

    assert apps[-2:] == ["onboarding", "tests.probe"]


@pytest.mark.parametrize("name", ["nosuch", "nosuch.deeper"])
def test_an_app_that_is_not_there_is_named_with_advice(load, name):
    with pytest.raises(WrongSetting, match=f"names '{name}'.*PYTHONPATH"):
        load(ACTIONSITE_APPS=name)


def test_our_worker_command_is_found_before_the_one_it_replaces(load):
    apps = load()["INSTALLED_APPS"]

    assert apps.index("workflows") < apps.index("django_q")


def test_the_deployment_check_is_clean_in_production(run_manage):
    checked = run_manage("check", "--deploy", "--fail-level", "WARNING", env=PRODUCTION)

    assert "no issues" in checked.stdout


def test_a_demo_is_not_fit_for_production(run_manage):
    env = {**PRODUCTION, "ACTIONSITE_DEMO": "1"}

    checked = run_manage("check", "--deploy", "--fail-level", "WARNING", env=env, expect=1)

    assert "actionsite.W001" in checked.stderr


def test_a_refused_start_is_one_sentence(run_manage):
    refused = run_manage("check", env={"ACTIONSITE_WORKERS": "many"}, expect=1)

    assert refused.stderr == (
        "manage.py: ACTIONSITE_WORKERS is 'many'; use a whole number from 1 to 256.\n"
    )
