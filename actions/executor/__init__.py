"""The machine that runs an action's code.

Floor 3: it talks to the outside and writes no row. Only here may Exception be caught, because an
action's code is not ours.
"""

from actions.executor.declared import declared_spec
from actions.executor.hooks import run_hook
from actions.executor.lines import storable
from actions.executor.python import (
    Body,
    Raised,
    Returned,
    Stopped,
    Went,
    interrupted,
    run,
    run_coroutine,
    stopped,
    timed_out,
)
from actions.executor.storable import storable_value
from actions.executor.timer import AttemptInterrupted, alarm

__all__ = [
    "AttemptInterrupted",
    "Body",
    "Raised",
    "Returned",
    "Stopped",
    "Went",
    "alarm",
    "declared_spec",
    "interrupted",
    "run",
    "run_coroutine",
    "run_hook",
    "stopped",
    "storable",
    "storable_value",
    "timed_out",
]
