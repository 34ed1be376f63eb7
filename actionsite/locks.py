"""Locks between processes that end with their holder, whatever ends it. Floor: the site."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def hold(path: Path, *, is_shared: bool = False, must_wait: bool = True) -> int | None:
    """Take the lock and return its descriptor; None if somebody has it and we do not wait.

    The lock lasts until the descriptor is closed, at the latest by the end of the process;
    children do not inherit it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    kind = fcntl.LOCK_SH if is_shared else fcntl.LOCK_EX
    try:
        fcntl.flock(descriptor, kind if must_wait else kind | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def share(descriptor: int) -> None:
    """Let others hold the lock too, as long as they share it."""
    fcntl.flock(descriptor, fcntl.LOCK_SH)


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold the lock for the time of the block."""
    descriptor = hold(path)
    assert descriptor is not None  # noqa: S101 - we waited for it
    try:
        yield
    finally:
        os.close(descriptor)
