"""The processes that actions have started and their workers left behind. Floor 5.

Linux gives the orphans of a process to its nearest ancestor that asks for them. So what an action
forked or spawned does not outlive its worker unseen.
"""

import contextlib
import ctypes
import logging
import os
import signal
import sys
from collections.abc import Collection

import psutil

logger = logging.getLogger(__name__)

_PR_SET_CHILD_SUBREAPER = 36


def take_in() -> None:
    """Become the parent of whatever orphans this process's descendants leave."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end(known: Collection[int]) -> None:
    """Kill every child that is none of these, with all that it started, and bury them."""
    if sys.platform != "linux":
        return
    for child in psutil.Process().children():
        if child.pid in known:
            continue
        with contextlib.suppress(psutil.NoSuchProcess):
            for stray in (*child.children(recursive=True), child):
                _kill(stray.pid)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(child.pid, 0)
        logger.warning("Process %s, which had been left behind, was ended.", child.pid)


def end_within(seconds: float) -> None:
    """Let the children finish that are left, workers whose sentinel died, and kill who does not."""
    if sys.platform != "linux":
        return
    children = psutil.Process().children()
    psutil.wait_procs(children, timeout=seconds)
    end(known=())


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
