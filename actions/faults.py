"""Named points at which a test may make a process die, fail or stand still.

Floor 1, pure but for the wish itself. Without ENGINE_FAULT there are none; a service refuses to
start with it unless ACTIONSITE_ALLOW_FAULTS=1, so production cannot have any.
"""

import os
import signal
from dataclasses import dataclass
from pathlib import Path

POINTS = frozenset(
    {
        "submit.before-commit",
        "submit.after-commit",
        "claim.before-commit",
        "claim.after-commit",
        "body.after",
        "settle.before-commit",
        "settle.after-commit",
        "reap.before-commit",
        "advance.before",
        "advance.after",
    }
)
DEEDS = frozenset({"kill", "stop", "raise"})


class FaultInvalid(ValueError):
    """ENGINE_FAULT does not name a point, a deed and a number."""


class InjectedFault(Exception):
    """What the deed `raise` raises."""


@dataclass(kw_only=True, slots=True)
class Fault:
    """What to do at which point, the how-manieth time that it is reached.

    `mark` is a file that is made when it happens: with one, it happens once, whichever process
    gets there first; without, once in every process.
    """

    point: str
    deed: str
    nth: int
    mark: Path | None = None
    reached_count: int = 0


def parse(text: str, *, mark: str = "") -> Fault:
    """Read `point:deed:nth`, as in `settle.before-commit:kill:1`; raises FaultInvalid."""
    point, _, rest = text.partition(":")
    deed, _, nth = rest.partition(":")
    if point not in POINTS or deed not in DEEDS or not nth.isdecimal() or int(nth) < 1:
        raise FaultInvalid(
            f"ENGINE_FAULT is {text!r}; give point:deed:nth with a point of "
            f"{', '.join(sorted(POINTS))} and a deed of {', '.join(sorted(DEEDS))}."
        )
    return Fault(point=point, deed=deed, nth=int(nth), mark=Path(mark) if mark else None)


_wished = os.environ.get("ENGINE_FAULT", "")
_fault = parse(_wished, mark=os.environ.get("ENGINE_FAULT_MARK", "")) if _wished else None


def reach(point: str) -> None:
    """Say that a point has been reached; nearly always this does nothing."""
    if _fault is not None and _fault.point == point:
        _happen(_fault)


def _happen(fault: Fault) -> None:
    fault.reached_count += 1
    if fault.reached_count != fault.nth or not _is_first(fault.mark):
        return
    if fault.deed == "raise":
        raise InjectedFault(f"An injected fault at {fault.point}.")
    # Of this very thread: a signal to the process may come a moment later, in another one.
    signal.raise_signal(signal.SIGKILL if fault.deed == "kill" else signal.SIGSTOP)


def _is_first(mark: Path | None) -> bool:
    if mark is None:
        return True
    try:
        mark.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True
