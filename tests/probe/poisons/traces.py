"""In what state an action finds its worker: the same in every clean one."""

import os
import resource
import signal
import sys
import threading
import time
from pathlib import Path

from django.db import connection

HANDLED = (signal.SIGTERM, signal.SIGALRM, signal.SIGINT, signal.SIGUSR1)
LIMITS = (resource.RLIMIT_AS, resource.RLIMIT_NOFILE, resource.RLIMIT_CPU)
SETTINGS = (
    "search_path", "role", "statement_timeout", "lock_timeout", "TimeZone", "DateStyle",
    "default_transaction_read_only", "application_name",
)  # fmt: skip
HELD = {
    "advisory locks": "SELECT count(*) FROM pg_locks "
    "WHERE locktype = 'advisory' AND pid = pg_backend_pid()",
    "channels": "SELECT count(*) FROM pg_listening_channels()",
    "temporary tables": "SELECT count(*) FROM pg_class WHERE relpersistence = 't'",
    "prepared statements": "SELECT count(*) FROM pg_prepared_statements WHERE name = 'left_behind'",
    "cursors": "SELECT count(*) FROM pg_cursors WHERE name = 'left_behind'",
}


def of_worker() -> dict[str, object]:
    """What belongs to the process."""
    return {
        "directory": str(Path.cwd()),
        "environment": sorted(os.environ.get(name, "") for name in ("PROBE_LEFT", "TZ")),
        "database": "none" if os.environ.get("DATABASE_URL") == "none" else "as it was",
        "handlers": [kind_of(signal.getsignal(number)) for number in HANDLED],
        "mask": sorted(int(number) for number in signal.pthread_sigmask(signal.SIG_BLOCK, [])),
        "limits": [list(map(str, resource.getrlimit(limit))) for limit in LIMITS],
        "recursion limit": sys.getrecursionlimit() >= 500,
        "non-daemon threads": sum(not one.daemon for one in threading.enumerate()),
        "clock": time.time() > 1_700_000_000 and time.monotonic() > 0,
        "umask": umask(),
        "priority": os.nice(0),
        "standard files": [Path(f"/proc/self/fd/{number}").exists() for number in range(3)],
        "printing": sys.stdout is not None and sys.stderr is not None,
    }


def of_session() -> dict[str, object]:
    """What belongs to the database session; its time-outs are the attempt's."""
    found: dict[str, object] = {}
    with connection.cursor() as cursor:
        for name in SETTINGS:
            cursor.execute("SELECT current_setting(%s)", [name])
            found[name] = cursor.fetchone()[0]
        for name, question in HELD.items():
            cursor.execute(question)
            found[name] = cursor.fetchone()[0]
    found["application_name"] = found["application_name"] != "left behind"
    for name in ("statement_timeout", "lock_timeout"):
        found[name] = found[name] != "200ms"
    return found


def kind_of(handler: object) -> str:
    """What a handler is, said the same way in every process."""
    return getattr(handler, "__qualname__", str(handler))


def umask() -> int:
    """The mask of new files, which can only be read by setting it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
