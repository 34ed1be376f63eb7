"""Why an execution is not running: one function from rows to one sentence.

Floor 4. Every reason that there is comes from here, for pages and programs alike.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from django.utils import timezone

from actions import limits
from actions.executions import statements, terms, turns
from actions.models import Execution, Limit, Worker
from actions.models.execution.reads import LOSSES_OF_A_SUSPECT, ExecutionQuerySet
from actions.states import DUE

Reason = Literal[
    "no_worker",
    "queue_not_served",
    "action_missing",
    "shape",
    "limit",
    "not_due",
    "isolation",
    "turn",
]

_SHAPES = {False: "a plain function", True: "a coroutine"}

AHEAD_CAP = 1_000
HOLDERS_SHOWN = 3
# A retry that is due within so little is as good as due; two clocks differ as well.
_SOON = timedelta(seconds=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """The reason, the sentence, and whether somebody has to do something about it.

    `held_by` are executions that it waits for; their ids are in the sentence.
    """

    reason: Reason
    sentence: str
    needs_help: bool = False
    held_by: tuple[str, ...] = ()


def why_waiting(execution: Execution) -> Waiting | None:
    """Why it is not running; None if it runs or has ended. Reads at most a handful of rows."""
    if execution.status not in DUE:
        return None
    return next(_reasons(execution), None)


def _reasons(execution: Execution) -> Iterator[Waiting]:
    """The reasons that hold, the one first that all others would have to wait for."""
    workers = list(Worker.objects.within_lease())
    yield from _nobody(execution, workers)
    if execution.run_at - timezone.now() > _SOON:
        yield _not_due(execution)
    if execution.blocked_on:
        yield _limited(execution)
    if execution.loss_count >= LOSSES_OF_A_SUSPECT:
        yield _isolated(execution)
    yield _turn(execution, [each for each in workers if _serves(each, execution)])


def _nobody(execution: Execution, workers: Sequence[Worker]) -> Iterator[Waiting]:
    if not workers:
        yield Waiting(
            reason="no_worker",
            sentence=f"No worker is alive{_last_seen()}. Start one with manage.py qcluster.",
            needs_help=True,
        )
        return
    serving = [each for each in workers if _serves(each, execution)]
    if not serving:
        yield Waiting(
            reason="queue_not_served",
            sentence=(
                f"No living worker serves the queue {execution.queue}. "
                "Start one with that queue in ACTIONSITE_QUEUES."
            ),
            needs_help=True,
        )
    elif not any(_has_code(each, execution) for each in serving):
        yield Waiting(
            reason="action_missing",
            sentence=(
                f"No living worker has the code of {execution.action_name}. Start one whose "
                "ACTIONSITE_APPS has the app that declares it."
            ),
            needs_help=True,
        )
    elif not any(_can_run(each, execution) for each in serving):
        yield _of_another_shape(execution)


def _of_another_shape(execution: Execution) -> Waiting:
    """All who have its code run it in the other lane."""
    current = execution.action.current
    is_concurrent = execution.is_concurrent if current is None else current.is_concurrent
    here, there = _SHAPES[is_concurrent], _SHAPES[not is_concurrent]
    if is_concurrent != execution.is_concurrent:
        moved = f"{execution.action_name} has become {here} since it was accepted"
        return Waiting(
            reason="shape", sentence=f"{moved}; a worker moves it to where those wait, in a moment."
        )
    return Waiting(
        reason="shape",
        sentence=(
            f"{execution.action_name} is {here} by the catalogue, and {there} in every living "
            "worker. Start workers with the code that the catalogue was made from, or run "
            "manage.py sync_actions with theirs."
        ),
        needs_help=True,
    )


def _not_due(execution: Execution) -> Waiting:
    what = "Its next attempt" if execution.attempt_count else "It"
    return Waiting(reason="not_due", sentence=f"{what} is due at {execution.run_at:%H:%M:%S} UTC.")


def _isolated(execution: Execution) -> Waiting:
    place = _ahead(Execution.objects.suspected_before(execution))
    return Waiting(
        reason="isolation",
        sentence=(
            f"Its workers have died {execution.loss_count} times, so it is begun apart: a worker "
            "begins one such execution and for some seconds nothing else, and does so beside what "
            f"runs already only if that has waited for a few seconds; {place}."
        ),
    )


def _limited(execution: Execution) -> Waiting:
    name = execution.blocked_on
    counter = Limit.objects.filter(name=name).first()
    place = _ahead(Execution.objects.blocked_before(execution))
    if not limits.is_given_back(name):
        pace = f"{_subject(execution)} begins {_pace(counter)}"
        return Waiting(reason="limit", sentence=f"{pace}; {place}.")
    holders = Execution.objects.holding_place(name)
    shown = tuple(holder.shown_id for holder in holders[:HOLDERS_SHOWN])
    allowed = counter.allowed if counter else len(holders)
    return Waiting(
        reason="limit",
        sentence=(
            f"{_subject(execution)} runs {allowed} at a time"
            f"{', held by ' + ', '.join(shown) if shown else ''}"
            f"{' and others' if allowed > len(shown) > 0 else ''}; "
            f"{place}."
        ),
        held_by=shown,
    )


def _pace(counter: Limit | None) -> str:
    if counter is None:
        return "at its rate"
    wakes = counter.wakes_at
    is_ahead = wakes is not None and wakes > timezone.now()
    next_at = f"at {wakes:%H:%M:%S} UTC" if is_ahead else "now"
    return f"{counter.allowed} times in {counter.seconds or 0:g} s; the next may {next_at}"


def _subject(execution: Execution) -> str:
    """What the limit is of: the action, and the values of the params that it is per."""
    name = execution.blocked_on
    if limits.of_step(name) is not None:
        workflow, key = limits.step_key(name)
        return f"A step of {workflow} with the concurrency key {key}"
    names = dict(zip(execution.limits, terms.limits(execution.version_id), strict=False))
    limit = names.get(name)
    per = ", ".join(limit.per) if limit else ""
    return f"{execution.action_name} with this {per}" if per else execution.action_name


def _turn(execution: Execution, serving: Sequence[Worker]) -> Waiting:
    before, beside = _before_and_beside(execution, serving)
    take = "takes" if beside == 1 else "take"
    chance = f", and {_shown(beside)} of other queues {take} turns with it" if beside else ""
    ahead = _place(before)
    return Waiting(
        reason="turn",
        sentence=f"{ahead[0].upper()}{ahead[1:]}{chance}; {_busy(execution, serving)}.",
    )


def _before_and_beside(execution: Execution, serving: Sequence[Worker]) -> tuple[int, int]:
    """How many go before it whichever worker takes it, and how many may or may not.

    The latter are of its priority in other queues, with which its own one takes turns.
    """
    able = [each for each in serving if _can_run(each, execution)]
    lanes = [each.actions_of_lane(is_concurrent=execution.is_concurrent) for each in able]
    queues = [set(each.queues) for each in able if each.queues]
    asked = {
        "actions": list(set.intersection(*map(set, lanes))),
        "queues": list(set.intersection(*queues)) if queues else [],
        "is_concurrent": execution.is_concurrent,
        "queue": execution.queue,
        "priority": execution.priority,
        "run_at": execution.run_at,
        "id": execution.id,
        "cap": AHEAD_CAP + 1,
    }
    before, beside = statements.run(turns.AHEAD, asked)[0]
    return before, beside


def _ahead(before: ExecutionQuerySet) -> str:
    return _place(before.capped_count(AHEAD_CAP))


def _place(count: int) -> str:
    if count == 0:
        return "it is next"
    return f"{_shown(count)} {'is' if count == 1 else 'are'} ahead of it"


def _shown(count: int) -> str:
    return f"{AHEAD_CAP:,}+" if count > AHEAD_CAP else f"{count:,}"


def _busy(execution: Execution, serving: Sequence[Worker]) -> str:
    is_one, queue = len(serving) == 1, execution.queue
    idle = [each for each in serving if _is_idle(each, execution)]
    if not idle:
        who = "the only worker" if is_one else f"all {len(serving)} workers"
        return f"{who} of the queue {queue} {'is' if is_one else 'are'} busy"
    return f"{len(idle)} worker{'' if len(idle) == 1 else 's'} of the queue {queue} can take it"


def _is_idle(worker: Worker, execution: Execution) -> bool:
    since = worker.loop_idle_since if execution.is_concurrent else worker.idle_since
    return since is not None


def _serves(worker: Worker, execution: Execution) -> bool:
    return not worker.queues or execution.queue in worker.queues


def _last_seen() -> str:
    newest = Worker.objects.known().first()
    at = f"{newest.heartbeat_at:%H:%M:%S}" if newest else ""
    return f"; {newest.label} was last heard of at {at} UTC" if newest else ""


def _has_code(worker: Worker, execution: Execution) -> bool:
    return execution.is_declared or execution.action_name in worker.actions


def _can_run(worker: Worker, execution: Execution) -> bool:
    lane = worker.actions_of_lane(is_concurrent=execution.is_concurrent)
    return execution.is_declared or execution.action_name in lane
