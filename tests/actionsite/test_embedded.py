"""The embedded PostgreSQL: made, attached to, handed over, ended, and found again after a crash."""

import os
import stat
import subprocess
import sys

import psycopg
import pytest

from actionsite import borrowing
from actionsite.embedded import SETTINGS, Cluster, PostgresFailed, cluster_of
from tests.fixtures.installation import ROOT, THROW_AWAY
from tests.fixtures.waiting import wait_until

USE = (
    "import sys; from pathlib import Path; from actionsite.borrowing import borrow; "
    "borrow(Path(sys.argv[1])); print('ready', flush=True); sys.stdin.read()"
)


@pytest.fixture
def cluster(data_dir):
    settings = {**SETTINGS, **THROW_AWAY}
    made = Cluster(directory=data_dir / "postgres", log=data_dir / "log", settings=settings)
    yield made
    made.stop()


@pytest.fixture
def user(data_dir):
    """Start processes that borrow the cluster of a data directory until their input ends."""
    started = []

    def begin() -> subprocess.Popen:
        borrower = subprocess.Popen(
            [sys.executable, "-c", USE, str(data_dir)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        started.append(borrower)
        assert borrower.stdout.readline() == b"ready\n"
        return borrower

    yield begin
    for borrower in started:
        borrower.communicate()
    cluster_of(data_dir).stop()


def test_a_cluster_answers_under_an_address_known_before(cluster):
    url = cluster.url()
    cluster.prepare()

    with cluster.start(is_child=True) as server:
        with psycopg.connect(url) as connection:
            row = connection.execute(
                "SELECT current_database(), current_setting('max_connections')"
            ).fetchone()
        cluster.stop()

    assert row == ("actionsite", "200")
    assert server.returncode == 0
    assert cluster.postmaster() is None


def test_for_real_data_nothing_is_traded_for_speed():
    assert not set(THROW_AWAY) & set(SETTINGS)


def test_only_its_owner_can_enter_the_cluster(cluster):
    cluster.prepare()

    assert stat.S_IMODE(cluster.directory.stat().st_mode) == 0o700


def test_a_half_made_cluster_is_made_anew(cluster):
    cluster.directory.mkdir(parents=True)
    (cluster.directory / "PG_VERSION").write_text("18")
    (cluster.directory / "base").mkdir()

    cluster.prepare()

    assert (cluster.directory / "global").is_dir()


def test_a_long_path_gets_a_short_socket(data_dir):
    cluster = Cluster(directory=data_dir / ("x" * 120), log=data_dir / "log")

    socket = cluster.socket_directory / ".s.PGSQL.5432"

    assert len(os.fsencode(socket)) < 108
    assert cluster.directory not in socket.parents


def test_a_server_that_cannot_start_says_why(cluster):
    cluster.prepare()
    broken = Cluster(
        directory=cluster.directory, log=cluster.log, settings={"max_connections": "nonsense"}
    )

    with pytest.raises(PostgresFailed, match="max_connections"):
        broken.start(is_child=True)


def test_a_left_over_pid_file_names_nobody(cluster):
    cluster.prepare()
    (cluster.directory / "postmaster.pid").write_text(f"{os.getpid()}\n")

    assert cluster.postmaster() is None


def test_who_leaves_last_stops_the_server(user, data_dir):
    first, second = user(), user()
    cluster = cluster_of(data_dir)

    first.communicate()
    after_the_first = cluster.postmaster()
    second.communicate()

    assert after_the_first is not None
    assert cluster.postmaster() is None


def test_after_a_killed_user_the_next_one_still_stops_the_server(user, data_dir):
    killed = user()
    killed.kill()
    killed.communicate()
    left = cluster_of(data_dir).postmaster()

    user().communicate()

    assert left is not None
    assert cluster_of(data_dir).postmaster() is None


def test_up_does_not_take_a_server_that_is_in_use(user, data_dir):
    user()

    assert borrowing.take_over(data_dir) is None


def test_up_takes_over_what_a_killed_process_left(user, data_dir):
    killed = user()
    killed.kill()
    killed.communicate()

    cluster = borrowing.take_over(data_dir)

    assert cluster is not None
    assert cluster.postmaster() is None


def test_what_up_owns_is_not_stopped_by_a_command_that_leaves(user, data_dir):
    cluster = borrowing.take_over(data_dir)
    with cluster.start(is_child=True):
        user().communicate()

        assert cluster.postmaster() is not None

        cluster.stop()


def test_a_child_server_ends_with_its_parent(data_dir):
    start = (
        "import sys; from pathlib import Path; from actionsite.embedded import cluster_of; "
        "cluster = cluster_of(Path(sys.argv[1])); cluster.prepare(); "
        "server = cluster.start(is_child=True); print('ready', flush=True); sys.stdin.read()"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", start, str(data_dir)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with parent:
        assert parent.stdout.readline() == b"ready\n"
        parent.kill()

    wait_until(lambda: cluster_of(data_dir).postmaster() is None, what="the server's end")

    assert cluster_of(data_dir).postmaster() is None
