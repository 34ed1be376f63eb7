"""Database URLs: PostgreSQL only, and no message shows one."""

import pytest

from actionsite.database_urls import database
from actionsite.env import WrongSetting


def test_a_url_becomes_the_entry_that_django_wants():
    entry = database("DATABASE_URL", "postgres://me:p%40ss@db.example:5433/site?sslmode=require")

    assert entry == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "site",
        "USER": "me",
        "PASSWORD": "p@ss",
        "HOST": "db.example",
        "PORT": "5433",
        "OPTIONS": {"sslmode": "require"},
    }


def test_a_socket_directory_may_stand_in_the_query():
    entry = database("DATABASE_URL", "postgresql://postgres@/site?host=%2Fsrv%2Fa%20b")

    assert (entry["HOST"], entry["NAME"], entry["OPTIONS"]) == ("/srv/a b", "site", {})


@pytest.mark.parametrize(
    ("url", "advice"),
    [
        ("sqlite:///hunter2.db", "Actionsite runs on PostgreSQL only"),
        ("mysql://me:hunter2@db/site", "Actionsite runs on PostgreSQL only"),
        ("hunter2", "Actionsite runs on PostgreSQL only"),
        ("postgresql://me:hunter2@db", "names no database"),
        ("postgresql://me:hunter2@db/site?nonsense=1", "cannot be read as a PostgreSQL URL"),
    ],
)
def test_another_url_is_refused_and_not_shown(url, advice):
    with pytest.raises(WrongSetting, match=r"^DATABASE_URL ") as refusal:
        database("DATABASE_URL", url)

    assert advice in str(refusal.value)
    assert "hunter2" not in str(refusal.value)
