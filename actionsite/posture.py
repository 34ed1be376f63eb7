"""What an installation may not be, and the longer values of the settings. Floor: the site, pure.

Each refusal is one sentence with advice; nothing here reads the environment.
"""

import hmac
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from itertools import combinations
from typing import Any

from actions.executor.egress import Entry, EntryInvalid, parse_allowed
from actions.executor.mailserver import MailServer, MailServerInvalid, parse_server
from actionsite.env import WrongSetting

DEMO_APP = "onboarding"
# Nothing inline, nothing from elsewhere, no nonces; in the shape of Django 6's SECURE_CSP.
CONTENT_POLICY: Mapping[str, Sequence[str]] = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'", "data:"],
    "font-src": ["'self'"],
    "connect-src": ["'self'"],
    "form-action": ["'self'"],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'none'"],
}


def refuse_equal_secrets(**secrets: str) -> None:
    """Each purpose has a key of its own: a leak of one must not open the other."""
    for (name, secret), (other_name, other) in combinations(secrets.items(), 2):
        if hmac.compare_digest(secret.encode(), other.encode()):
            raise WrongSetting(
                f"{name} and {other_name} are equal; make a key of its own for each."
            )


def refuse_plain_http(base_url: str, *, is_allowed: bool) -> None:
    """Passwords and keys travel over https unless somebody has said otherwise."""
    if base_url.startswith("http:") and not is_allowed:
        raise WrongSetting(
            f"ACTIONSITE_BASE_URL is {base_url!r}; use https, "
            "or set ACTIONSITE_ALLOW_HTTP=1 where nobody else can listen."
        )


def refuse_faults(wished: str, *, is_allowed: bool) -> None:
    """Faults are for tests; nobody gets one by a variable that was left behind."""
    if wished and not is_allowed:
        raise WrongSetting(
            f"ENGINE_FAULT is {wished!r}; unset it: processes would die on purpose. "
            "Tests set ACTIONSITE_ALLOW_FAULTS=1 with it."
        )


def refuse_any_host(allowed_hosts: list[str]) -> None:
    """A wildcard would let the Host header decide what links point to."""
    if "*" in allowed_hosts:
        raise WrongSetting("ACTIONSITE_ALLOWED_HOSTS is '*'; name the hosts, separated by commas.")


def web_connections(*, pool_size: int, statement_timeout_seconds: float) -> dict[str, Any]:
    """Connection options of a web process: a pool, and no statement that runs for ever."""
    # `timeout` is how long a request waits for a connection before it is answered 503.
    options: dict[str, Any] = {"pool": {"min_size": 1, "max_size": pool_size, "timeout": 10}}
    if statement_timeout_seconds:
        options["options"] = f"-c statement_timeout={round(statement_timeout_seconds * 1000)}"
    return options


def worker_connections(given: dict[str, Any]) -> dict[str, Any]:
    """Connection options of a worker: a network that swallows packets is noticed in 15 seconds.

    What the URL says stands. The server notices within two seconds that a worker has gone while a
    statement of it runs, and ends that.
    """
    found = {
        "connect_timeout": 10,
        "keepalives_idle": 5,
        "keepalives_interval": 5,
        "keepalives_count": 2,
        "tcp_user_timeout": 15_000,
        **given,
    }
    options = f"{given.get('options', '')} -c client_connection_check_interval=2000"
    return found | {"options": options.strip()}


def development_apps() -> list[str]:
    """Apps that only help developers, and only where they are installed."""
    names = ["django_linear_migrations"]
    return [name for name in names if find_spec(name)]


def users_apps(names: list[str], *, has_demo: bool) -> list[str]:
    """The apps named in ACTIONSITE_APPS, each once, and the demo's own in a demo."""
    demo = [DEMO_APP] if has_demo else []
    for name in names:
        _refuse_missing_app(name)
    return list(dict.fromkeys([*demo, *names]))


def _refuse_missing_app(name: str) -> None:
    try:
        is_there = find_spec(name) is not None
    except ModuleNotFoundError:
        is_there = False
    if not is_there:
        raise WrongSetting(
            f"ACTIONSITE_APPS names {name!r}, which cannot be imported; "
            "put the folder that holds it on PYTHONPATH, or correct the name."
        )


def logging_of() -> dict[str, Any]:
    """One line per record on standard error; the level is INFO for ours, WARNING for others."""
    ours = {"handlers": ["stderr"], "level": "INFO", "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"},
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {
            "actions": ours,
            "workflows": ours,
            "actionsite": ours,
            # What it says of each failure, the audit log says of each series, with a name.
            "axes": {"level": "ERROR"},
            # A refused request is the caller's news, and is answered; only faults of ours remain.
            "django.request": {"level": "ERROR"},
        },
    }


def allowed_outside(entries: list[str]) -> tuple[Entry, ...]:
    """Where actions may connect to beyond the public Internet, read once."""
    try:
        return parse_allowed(entries)
    except EntryInvalid as wrong:
        raise WrongSetting(f"ACTIONSITE_EGRESS_ALLOW: {wrong}") from None


def mail_server(url: str, *, sender: str) -> MailServer | None:
    """The mail server of e-mail actions, or None where there is none; no message shows its URL."""
    if not url:
        return None
    if not sender:
        raise WrongSetting(
            "ACTIONSITE_MAIL_FROM is not set; name the address that mail is sent from."
        )
    try:
        return parse_server(url)
    except MailServerInvalid as wrong:
        raise WrongSetting(f"ACTIONSITE_SMTP_URL: {wrong}") from None
