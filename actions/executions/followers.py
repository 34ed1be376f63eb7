"""Whoever composes executions hears of those that have ended, in the transaction that ends them.

Floor 4. What composes them stands on this floor's shoulders and is not known here: it registers
itself. Its rows are locked first, runs by their ids, then their executions, by everybody who ends
an execution: so nobody waits in a circle.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol
from uuid import UUID

from actions.executions import wake


@dataclass(frozen=True, kw_only=True, slots=True)
class Ended:
    """An execution of a step that has ended just now."""

    execution_id: UUID
    run_id: UUID
    step_id: UUID


class Lane(NamedTuple):
    """Whose turn something is that has become due: a queue, and which lane of its workers."""

    queue: str
    is_concurrent: bool


class Follower(Protocol):
    """What a composer of executions has to offer."""

    def lock(self, run_ids: Collection[UUID]) -> None:
        """Lock the runs until the transaction ends; before any execution of theirs is locked."""

    def step_names(self, step_ids: Collection[UUID]) -> dict[UUID, str]:
        """What these steps are called."""

    def follow(self, ended: Sequence[Ended]) -> set[Lane]:
        """Take note of the ends, and start what comes next; returns where something is now due."""

    def take_back(self, actions: Collection[str]) -> set[Lane]:
        """Go on where something waits for these actions, which can be executed now."""


_followers: list[Follower] = []


def register(follower: Follower) -> None:
    """Tell this one from now on."""
    _followers.append(follower)


def lock(run_ids: Iterable[UUID | None]) -> None:
    """Lock the runs of executions that are about to end; those that are no step are passed over."""
    wanted = {run_id for run_id in run_ids if run_id is not None}
    if wanted:
        for follower in _followers:
            follower.lock(wanted)


def step_names(step_ids: Collection[UUID]) -> dict[UUID, str]:
    """What the steps are called whose executions somebody looks at."""
    names: dict[UUID, str] = {}
    for follower in _followers if step_ids else ():
        names |= follower.step_names(step_ids)
    return names


def follow(ended: Sequence[Ended]) -> set[Lane]:
    """Tell that these have ended, in the transaction in which they have."""
    return {lane for follower in _followers for lane in follower.follow(ended)} if ended else set()


def follow_and_wake(ended: Sequence[Ended]) -> None:
    """The same, by somebody who does not take what comes next: workers are woken for it."""
    wake_for(follow(ended))


def take_back(actions: Collection[str]) -> None:
    """Tell that these actions can be executed now, in the transaction that makes it so."""
    wake_for({lane for follower in _followers for lane in follower.take_back(actions)})


def wake_for(lanes: Iterable[Lane]) -> None:
    """Once the transaction has committed, wake a worker for each lane."""
    for lane in lanes:
        wake.worker_after_commit(lane.queue, is_concurrent=lane.is_concurrent)
