"""`manage.py up` from the lock to the last child's end. Floor: the site.

One process starts the database, brings everything to its present state, starts web, workers and
the demo's services, and stays their only parent.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from django.conf import settings
from django.db import connections

from actionsite import locks
from actionsite.borrowing import take_over
from actionsite.supervise import children, startup
from actionsite.supervise.announcement import welcome, write_card
from actionsite.supervise.card import read_card
from actionsite.supervise.child import Child
from actionsite.supervise.demo import Credentials, ensure_credentials
from actionsite.supervise.environment import is_free
from actionsite.supervise.options import Options
from actionsite.supervise.signals import Signals
from actionsite.supervise.supervisor import Hopeless, Say, Supervisor

GRACE_BEYOND_WORKERS_SECONDS = 5.0
PROBE_SECONDS = 2.0


def run(options: Options, *, say: Say, is_embedded: bool, begun: float) -> None:
    """Run until a signal; raise Hopeless with the reason where that is not possible.

    `begun` is the monotonic time at which the command was called.
    """
    data_dir = Path(settings.ACTIONSITE_DATA_DIR)
    with _alone(data_dir):
        _refuse_taken_port(options)
        postgres = _start_postgres(data_dir) if is_embedded else None
        try:
            credentials = _prepare(data_dir)
        except BaseException:
            if postgres is not None:
                _stop_postgres(postgres)
            raise
        _keep_alive(options, postgres=postgres, say=say, credentials=credentials, begun=begun)


@contextmanager
def _alone(data_dir: Path) -> Iterator[None]:
    lock = locks.hold(data_dir / "up.lock", must_wait=False)
    if lock is None:
        card = read_card(data_dir)
        raise Hopeless(
            f"manage.py up already runs on {data_dir} (process {card.get('pid', 'unknown')}, "
            f"{card.get('url', 'not ready yet')}); stop it, or use another --data-dir."
        )
    yield


def _refuse_taken_port(options: Options) -> None:
    if not is_free(options.port, options.host):
        raise Hopeless(
            f"Port {options.port} of {options.host} is taken by another program; "
            "stop that, or use another --port."
        )


def _start_postgres(data_dir: Path) -> Child:
    cluster = take_over(data_dir)
    if cluster is None:
        raise Hopeless(
            f"Another command uses the database in {data_dir}; start again when it has ended."
        )
    child = children.postgres_child(cluster)
    child.popen = cluster.start(is_child=True)
    return child


def _stop_postgres(postgres: Child) -> None:
    connections.close_all()
    postgres.ask_to_stop()
    if postgres.popen is not None:
        postgres.popen.wait()


def _prepare(data_dir: Path) -> Credentials | None:
    startup.prepare_database()
    startup.collect_static_files()
    credentials = ensure_credentials(data_dir) if settings.ACTIONSITE_DEMO else None
    connections.close_all()
    return credentials


def _keep_alive(
    options: Options,
    *,
    postgres: Child | None,
    say: Say,
    credentials: Credentials | None,
    begun: float,
) -> None:
    data_dir = Path(settings.ACTIONSITE_DATA_DIR)
    with Signals() as signals:
        supervisor = Supervisor(
            ranks=children.ranks(options=options, postgres=postgres, logs=fresh_logs(data_dir)),
            grace=settings.ACTIONSITE_STOP_GRACE_SECONDS + GRACE_BEYOND_WORKERS_SECONDS,
            say=say,
            signals=signals,
        )

        def tell() -> None:
            seconds = time.monotonic() - begun
            say(welcome(credentials, data_dir=data_dir, seconds=seconds))

        try:
            write_card(data_dir, options, pid=os.getpid())
            supervisor.start()
            supervisor.watch(is_ready=lambda: is_ready(options), when_ready=tell)
            say("Stopping.")
        finally:
            supervisor.stop()
            write_card(data_dir, options, pid=None)


def fresh_logs(data_dir: Path) -> Path:
    """The directory of the children's logs; those of the last time are kept as *.log.1."""
    logs = data_dir / "logs"
    logs.mkdir(mode=0o700, exist_ok=True)
    for log in logs.glob("*.log"):
        log.replace(log.with_suffix(".log.1"))
    return logs


def is_ready(options: Options) -> bool:
    """Does the web process say that the database and a worker are there?"""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(options.host, options.host)  # noqa: S104 - no bind
    probe = HTTPConnection(host, options.port, timeout=PROBE_SECONDS)
    try:
        probe.request("GET", "/readyz")
        return probe.getresponse().status == HTTPStatus.OK
    except (OSError, HTTPException):
        return False
    finally:
        probe.close()
