"""Children that end with their parent, whatever ends the parent. Floor: the site."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1


def die_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    """A `preexec_fn` that asks the kernel to send `number` once the starting thread is gone.

    Only Linux has it; elsewhere this is None, and a killed parent leaves its children to
    notice by themselves.
    """
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def ask() -> None:
        prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)
        # The parent may have gone between the fork and the line above.
        if os.getppid() != parent:
            os.kill(os.getpid(), number)

    return ask
