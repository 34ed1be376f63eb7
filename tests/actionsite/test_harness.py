"""The ground other tests stand on: rollback, clones with commits, one server a session."""

import threading

import psycopg
import pytest
from django.contrib.auth.models import Group
from django.db import connection


@pytest.mark.django_db
@pytest.mark.parametrize("turn", [1, 2])
def test_what_a_test_writes_is_gone_in_the_next(turn):
    assert not Group.objects.filter(name="left behind").exists()

    Group.objects.create(name="left behind")

    assert Group.objects.filter(name="left behind").count() == 1


@pytest.mark.parametrize("turn", [1, 2])
def test_commits_in_a_clone_are_seen_outside_and_gone_in_the_next(cloned_database, turn):
    Group.objects.create(name="committed")

    with psycopg.connect(cloned_database) as outside:
        names = outside.execute("SELECT count(*) FROM auth_group WHERE name = 'committed'")

        assert names.fetchone() == (1,)


def test_threads_see_the_clone_too(cloned_database):
    seen = []
    Group.objects.create(name="from the main thread")

    def look() -> None:
        seen.append(Group.objects.filter(name="from the main thread").exists())
        connection.close()

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()

    assert seen == [True]
