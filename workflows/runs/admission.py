"""Let runs begin that are queued for a place of their concurrency key.

Floor 4. Whoever starts a run with a key, and whoever ends one, asks for this in the same transaction, as
an internal execution: so it is lost with neither, and no run is locked by somebody who has others.
It is the only way out of the queue, one at a time for each key.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction

from workflows.models import Run
from workflows.runs import calls, making, places, plans
from workflows.runs.advance import on_locked_runs
from workflows.runs.control import cancel_within
from workflows.runs.passage import Passage
from workflows.runs.refusals import error_of
from workflows.states import RunStatus

# So many of the queue are looked at in one go.
BATCH = 100


@dataclass(kw_only=True, slots=True)
class _Verdict:
    """What is to be done about the runs of one key; `newest` is for whom others are cancelled."""

    begin: list[Run] = field(default_factory=list)
    refuse: list[Run] = field(default_factory=list)
    cancel: list[Run] = field(default_factory=list)
    newest: Run | None = None

    @property
    def ids(self) -> list[UUID]:
        """All of them."""
        return [run.id for run in (*self.begin, *self.refuse, *self.cancel)]


def admit(*, workflow: str, key: str) -> None:
    """Let as many begin as there are places, the first that came first.

    Where the newest says so, the oldest are cancelled until there is a place for it. A sub-run that
    is to be refused fails.
    """
    with transaction.atomic():
        places.lock(workflow, key)
        while (verdict := _judge(_sharing(workflow, key))).ids:
            _carry_out(verdict)


def _sharing(workflow: str, key: str) -> list[Run]:
    """Those that hold places and the first in the queue, in the order in which they came.

    All of the queue if its last one has others cancelled.
    """
    sharing = Run.objects.of_key(workflow, key)
    newest = sharing.in_queue().last()
    if newest is None:
        return []
    bound = None if _wish_of(newest) == "cancel" else BATCH
    found = [*sharing.holding(), *sharing.in_queue()[:bound]]
    return sorted(found, key=lambda run: run.id)


def _judge(live: Sequence[Run]) -> _Verdict:
    verdict = _Verdict()
    queued = [run for run in live if places.is_held_up(run)]
    asking = [run for run in queued if _wish_of(run) == "cancel"]
    if asking:
        verdict.newest = asking[-1]
        verdict.cancel = _surplus(live, asking[-1])
    if not verdict.cancel:
        _let_in(verdict, queued, held=sum(run.status != RunStatus.QUEUED for run in live))
    return verdict


def _surplus(live: Sequence[Run], newest: Run) -> list[Run]:
    """Those that must end before the newest can begin, but for those that have been told."""
    older = [run for run in live if run.id < newest.id]
    surplus = older[: max(0, len(older) - _limit_of(newest) + 1)]
    return [run for run in surplus if run.cancel_requested_at is None]


def _let_in(verdict: _Verdict, queued: Sequence[Run], *, held: int) -> None:
    for run in queued:
        if held < _limit_of(run):
            verdict.begin.append(run)
            held += 1
        elif _wish_of(run) == "reject" and run.parent_id is not None:
            verdict.refuse.append(run)
        else:
            return


def _limit_of(run: Run) -> int:
    return run.concurrency_limit or 1


def _wish_of(run: Run) -> str:
    return places.on_conflict(plans.of(run.version_id))


def _carry_out(verdict: _Verdict) -> None:
    below = [below for run in verdict.cancel for below in Run.objects.tree_of(run.id)]
    with on_locked_runs([*verdict.ids, *below]) as passage:
        for run in _still(passage, verdict.cancel):
            _cancel(passage, run, verdict.newest)
        for run in _still(passage, verdict.refuse):
            _refuse(passage, run)
        for run in _still(passage, verdict.begin):
            making.begin(passage, run)


def _still(passage: Passage, runs: Sequence[Run]) -> list[Run]:
    """As they are now that they are locked, without those that have ended or are ending."""
    now = [passage.runs[run.id] for run in runs]
    return [run for run in now if not run.has_ended and run.cancel_requested_at is None]


def _cancel(passage: Passage, run: Run, newest: Run | None) -> None:
    assert newest is not None  # noqa: S101  # it is for its sake
    reason = f"{newest.shown_id} came with the same concurrency key, {run.concurrency_key}."
    cancel_within(passage, run, by=calls.actor_of(newest), reason=reason)


def _refuse(passage: Passage, run: Run) -> None:
    message = (
        f"Other runs of {run.workflow_name} hold its concurrency key {run.concurrency_key}, and it "
        "is to be refused then."
    )
    error = error_of(code="concurrency_key_held", message=message)
    run.error = error | {"step": None, "attempt": None}
    passage.touch(run.id)
