"""From a database URL to Django's entry for it. Floor: the site, pure.

Only PostgreSQL: the engine is made of SKIP LOCKED, partial indexes, triggers and LISTEN.
"""

from typing import Any
from urllib.parse import urlsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict

from actionsite.env import WrongSetting

SCHEMES = frozenset({"postgres", "postgresql"})
DJANGO_NAMES = {
    "dbname": "NAME",
    "user": "USER",
    "password": "PASSWORD",
    "host": "HOST",
    "port": "PORT",
}


def database(variable: str, url: str) -> dict[str, Any]:
    """Django's DATABASES entry for `url`; whatever libpq knows may stand in its query.

    Raises WrongSetting naming `variable`, and never shows the URL, which may hold a password.
    """
    scheme = urlsplit(url).scheme
    if scheme not in SCHEMES:
        raise WrongSetting(
            f"{variable} has the scheme {scheme!r}; Actionsite runs on PostgreSQL only, "
            "use postgresql://user:password@host:5432/name."
        )
    try:
        parts = conninfo_to_dict(url)
    except psycopg.Error:
        raise WrongSetting(
            f"{variable} cannot be read as a PostgreSQL URL; "
            "use postgresql://user:password@host:5432/name, with special characters escaped."
        ) from None
    if not parts.get("dbname"):
        raise WrongSetting(f"{variable} names no database; end it with /name.")
    entry: dict[str, Any] = {"ENGINE": "django.db.backends.postgresql"}
    entry |= {theirs: str(parts.pop(ours, "")) for ours, theirs in DJANGO_NAMES.items()}
    entry["OPTIONS"] = parts
    return entry
