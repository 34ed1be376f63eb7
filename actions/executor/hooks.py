"""Run what a body has left for after the commit. Floor 3.

It is called once the execution has ended, so whatever it does changes nothing of that, and must harm
nobody else.
"""

import logging
import os
from collections.abc import Callable

from actions.executor.timer import alarm

logger = logging.getLogger(__name__)


def run_hook(hook: Callable[[], object], *, seconds: float) -> bool:
    """Call it for at most so many seconds; false if it has raised, which is only logged.

    The log has the kind of its error and not the message, which nobody has looked through for secrets.
    """
    worker_pid = os.getpid()
    try:
        with alarm.limit(seconds):
            hook()
    except BaseException as error:  # noqa: BLE001  # an action's code is not ours
        name = getattr(hook, "__qualname__", type(hook).__name__)
        logger.error(  # noqa: TRY400  # a traceback may tell a secret
            "What %s was to do after the commit failed: %s.", name, type(error).__name__
        )
        return False
    finally:
        if os.getpid() != worker_pid:
            os._exit(0)
    return True
