"""What an action's code is given besides its params: who it is, its log, its secrets.

Floor 1, pure: what reaches outside (secrets, the heartbeat) comes in as callables.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Literal

from actions.errors import Cancelled
from actions.jsontypes import JSON

LogLevel = Literal["debug", "info", "warning", "error"]

MAX_LOG_LINES = 1_000
MAX_LOG_MESSAGE = 4_096


@dataclass(frozen=True, kw_only=True, slots=True)
class LogEntry:
    """One line that an action wrote; `number` counts from 1 within the attempt."""

    number: int
    at: datetime
    level: LogLevel
    message: str
    fields: dict[str, JSON]


def _cut(message: str) -> str:
    """The message, or its beginning and how much longer it was."""
    if len(message) <= MAX_LOG_MESSAGE:
        return message
    words = f"\n… cut, {len(message):,} characters in all"
    return message[: MAX_LOG_MESSAGE - len(words)] + words


class ActionLog:
    """The action's own log: lines that are kept whether or not the attempt succeeds.

    An attempt keeps its first 1,000 lines; the last of them says how many more were dropped.
    Safe to use from several threads.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._entries: list[LogEntry] = []
        self._count = 0

    def debug(self, message: str, **fields: JSON) -> None:
        """Write a line for the one who debugs the action."""
        self._write("debug", message, fields)

    def info(self, message: str, **fields: JSON) -> None:
        """Write a line that says what happens."""
        self._write("info", message, fields)

    def warning(self, message: str, **fields: JSON) -> None:
        """Write a line that somebody should read."""
        self._write("warning", message, fields)

    def error(self, message: str, **fields: JSON) -> None:
        """Write a line that explains a failure."""
        self._write("error", message, fields)

    def take(self) -> list[LogEntry]:
        """Hand over the lines written since the last call."""
        with self._lock:
            taken, self._entries = self._entries, []
            return taken

    @property
    def is_empty(self) -> bool:
        """Whether every line has been taken."""
        return not self._entries

    def put_back(self, entries: list[LogEntry]) -> None:
        """Take lines back that could not be stored yet."""
        with self._lock:
            self._entries = entries + self._entries

    def _write(self, level: LogLevel, message: str, fields: dict[str, JSON]) -> None:
        with self._lock:
            self._count += 1
            if self._count > MAX_LOG_LINES:
                return
            if self._count == MAX_LOG_LINES:
                level, message, fields = "warning", "The log is full; later lines are dropped.", {}
            self._entries.append(
                LogEntry(
                    number=self._count,
                    at=self._now(),
                    level=level,
                    message=_cut(str(message)),
                    fields=fields,
                )
            )


class DatabaseClock:
    """The database's time between two looks at it: its last answer and the seconds since."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._read_at = monotonic()

    def __call__(self) -> datetime:
        return self._now + timedelta(seconds=monotonic() - self._read_at)


@dataclass(kw_only=True, slots=True)
class Context:
    """The first argument of every action.

    `idempotency_key` is the same for every attempt of one execution: pass it on to the service
    that the action calls. `attempt` counts from 1.
    """

    execution_id: str
    attempt: int
    idempotency_key: str
    # The trace that the request belongs to (W3C Trace Context), 32 hexadecimal digits; or empty.
    trace_id: str = ""
    log: ActionLog
    read_secret: Callable[[str], str] = field(repr=False)
    stop_requested: threading.Event = field(default_factory=threading.Event, repr=False)
    progress: JSON = None
    is_progress_new: bool = False

    @property
    def has_news(self) -> bool:
        """Whether there are lines or a progress that have not been stored."""
        return self.is_progress_new or not self.log.is_empty

    @property
    def cancelled(self) -> bool:
        """Whether somebody has asked to cancel this execution."""
        return self.stop_requested.is_set()

    def heartbeat(self, progress: JSON = None) -> None:
        """Report progress, any JSON; raise Cancelled once a cancel has been asked for.

        It costs nothing: what was reported last is stored with the worker's own heartbeat.
        """
        if progress is not None:
            self.progress, self.is_progress_new = progress, True
        if self.cancelled:
            raise Cancelled

    def secret(self, name: str) -> str:
        """Read a secret by name; its value is masked wherever the record would show it."""
        return self.read_secret(name)
