"""What changes in some runs in one transaction, from what has ended to what begins.

Floor 4. The runs are locked, so nobody else changes their steps meanwhile. Everything happens in
memory first and is then written by one statement, whatever the number of runs.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from actions import definitions
from actions.actors import SYSTEM, Actor
from actions.executions import accept, idempotency, wake
from actions.executions.followers import Lane
from actions.executions.wish import Wish
from actions.jsontypes import JSONObject
from actions.models import Action
from workflows.models import Run, RunEvent, Step
from workflows.plan import Plan
from workflows.runs import plans, writing
from workflows.runs.scope import Scopes
from workflows.states import STEP_ACTIVE, STEP_FAILED, RunEventType, StepStatus

_EVENTS = {
    StepStatus.SUCCEEDED: RunEventType.STEP_SUCCEEDED,
    StepStatus.REUSED: RunEventType.STEP_REUSED,
    StepStatus.FAILED: RunEventType.STEP_FAILED,
    StepStatus.SKIPPED: RunEventType.STEP_SKIPPED,
    StepStatus.CANCELLED: RunEventType.STEP_CANCELLED,
    StepStatus.QUEUED: RunEventType.STEP_STARTED,
    StepStatus.WAITING: RunEventType.STEP_WAITING,
}


class Passage:
    """The runs, the steps of theirs that were looked at, and all that is to be written."""

    def __init__(self, runs: Iterable[Run], *, now: datetime) -> None:
        self.now = now
        self.runs = {run.id: run for run in runs}
        self.ended: list[tuple[Run, Step]] = []
        self.ready: list[tuple[Run, Step]] = []
        self.lanes: set[Lane] = set()
        # Runs whose handlers somebody has given up, as far as they wait for their actions.
        self.giving_up: set[UUID] = set()
        # Runs that have ended while somebody waits for that.
        self.awaited: set[UUID] = set()
        # Runs that have ended; keys may stand for them, their own and those of commands.
        self.over: set[UUID] = set()
        # Runs of which anything has changed, and those of them whose standing has not been seen to.
        self.touched: set[UUID] = set()
        self.unsettled: set[UUID] = set()
        self._steps: dict[tuple[UUID, str], Step] = {}
        self.scopes = Scopes(self._steps, store=self.store_steps)
        self.shown = Scopes(self._steps, store=self.store_steps, unseals=False)
        self._changed: dict[UUID, Step] = {}
        self._new_steps: list[Step] = []
        # Runs of which every step is known, but for the elements of maps.
        self._whole: set[UUID] = set()
        self._wishes: list[tuple[Step | None, Wish]] = []
        self._events: list[RunEvent] = []
        self._new_runs: list[Run] = []
        self._actions: dict[str, Action | None] = {}

    def plan(self, run: Run) -> Plan:
        """What the run goes by."""
        return plans.of(run.version_id)

    def action(self, name: str) -> Action | None:
        """The action of that name, as it is in the catalogue now."""
        if name not in self._actions:
            self._actions[name] = Action.objects.by_name(name)
        return self._actions[name]

    def know_actions(self, actions: Mapping[str, Action | None]) -> None:
        """Actions as somebody has read them in this transaction."""
        self._actions |= actions

    def action_for_sure(self, name: str) -> Action | None:
        """The same, and nobody adds or enables it before what is done about that is committed."""
        definitions.hold_still()
        self._actions.pop(name, None)
        return self.action(name)

    def add(self, run: Run, steps: Iterable[Step]) -> None:
        """A new run with its steps."""
        self.runs[run.id] = run
        self._new_runs.append(run)
        self._whole.add(run.id)
        self.add_steps(list(steps))

    def add_steps(self, steps: list[Step]) -> None:
        """More steps of a run, or elements of a map."""
        self._new_steps += steps
        self.know(step for step in steps if step.element is None)

    def know_whole(self, run_ids: Iterable[UUID]) -> None:
        """Every step of these runs is known."""
        self._whole.update(run_ids)

    def know_all(self, run: Run) -> None:
        """Read every step of a run, if they are not known."""
        if run.id not in self._whole:
            self.know(Step.objects.of(run.id))
            self.know_whole([run.id])

    def active_steps(self, runs: Iterable[Run]) -> list[Step]:
        """The steps of these runs that go on, by their places; costs a read for large runs."""
        wanted = {run.id for run in runs}
        large = wanted - self._whole
        if large:
            self.store_steps()
        known = [step for step in self._of(wanted - large) if step.status in STEP_ACTIVE]
        return known + (list(Step.objects.active(large)) if large else [])

    def failed_steps(self, runs: Iterable[Run]) -> list[Step]:
        """The steps for which these runs fail, the earliest first; costs a read for large runs."""
        wanted = {run.id for run in runs}
        large = wanted - self._whole
        failed = [
            step
            for step in self._of(wanted - large)
            if step.status in STEP_FAILED and not step.is_optional
        ]
        failed.sort(key=self._ended_first)
        return failed + (list(Step.objects.failures(large)) if large else [])

    def _ended_first(self, step: Step) -> tuple[datetime, bool, int]:
        """What was cancelled in the moment of a failure was so because of it."""
        ended = step.finished_at or self.now
        return ended, step.status == StepStatus.CANCELLED, step.position

    def all_steps(self, run: Run) -> list[Step]:
        """The steps of a run as they are now, without the elements of maps."""
        if run.id in self._whole:
            return self._of({run.id})
        self.store_steps()
        return list(Step.objects.of(run.id))

    def _of(self, run_ids: Collection[UUID]) -> list[Step]:
        found = [step for (run_id, _), step in self._steps.items() if run_id in run_ids]
        return sorted(found, key=lambda step: step.position)

    def know(self, steps: Iterable[Step]) -> None:
        """Steps that somebody has read; not elements of maps."""
        for step in steps:
            self._steps.setdefault((step.run_id, step.name), step)

    def load(self, wanted: Iterable[tuple[UUID, str]]) -> None:
        """Read the steps of those names that are not known yet."""
        missing = {key for key in wanted if key not in self._steps}
        if missing:
            self.know(Step.objects.named(missing))

    def step(self, run: Run, name: str) -> Step:
        """A step that was loaded."""
        return self._steps[run.id, name]

    def results_of(self, whole: Step) -> Any:
        """What a map led to: the list of the results of its elements."""
        self.shown.read([(whole.run_id, whole.name)])
        return self.shown.result_of(whole.run_id, whole.name)

    def begin(
        self,
        run: Run,
        step: Step,
        status: StepStatus,
        *,
        reason: str = "",
        blocked_on: str = "",
    ) -> None:
        """A step begins: it has work to do, or waits for something, perhaps for an action."""
        step.status, step.reason, step.blocked_on = status, reason, blocked_on
        step.started_at = step.started_at or self.now
        self.change(step)
        facts: JSONObject = {"reason": reason} if reason else {}
        about: JSONObject = {"action": blocked_on} if blocked_on else {}
        self.log(run, _EVENTS[status], step=step, facts=facts | about)

    def end(
        self,
        run: Run,
        step: Step,
        status: StepStatus,
        *,
        result: Any = None,
        sealed: bytes | memoryview | None = None,
        error: JSONObject | None = None,
        facts: JSONObject | None = None,
    ) -> None:
        """A step ends; what follows from that is for `go_on`. `sealed` is what its result hides."""
        step.status, step.reason, step.blocked_on, step.wake_at = status, "", "", None
        step.started_at, step.finished_at = step.started_at or self.now, self.now
        step.result, step.result_sealed, step.error = result, sealed, error
        self.change(step)
        code = {"code": error.get("code")} if error else {}
        self.log(run, _EVENTS[status], step=step, facts=code | (facts or {}))
        self.scopes.note(step)
        self.shown.note(step)
        self.ended.append((run, step))

    def wish(self, wish: Wish, *, step: Step | None = None) -> None:
        """An execution, of a step or about it, to be stored with all others."""
        self._wishes.append((step, wish))

    def change(self, step: Step) -> None:
        """A step has changed."""
        self._changed[step.id] = step
        self.touch(step.run_id)

    def touch(self, run_id: UUID) -> None:
        """Something of a run has changed."""
        self.touched.add(run_id)
        self.unsettled.add(run_id)

    def log(
        self,
        run: Run,
        kind: RunEventType,
        *,
        step: Step | None = None,
        facts: JSONObject | None = None,
        by: Actor = SYSTEM,
    ) -> None:
        """Add to the log of a run."""
        self.touch(run.id)
        run.event_count += 1
        self._events.append(
            RunEvent(
                run_id=run.id,
                seq=run.event_count,
                type=kind,
                at=self.now,
                step=str(step) if step is not None else "",
                actor_kind=by.kind,
                actor_id=by.id,
                actor_label=by.label,
                request_id=by.request_id,
                data=facts or {},
            )
        )

    def store_steps(self) -> None:
        """Write what has begun and ended, so that the rows can be counted."""
        writing.write(self._take_steps())

    def store(self) -> None:
        """Write everything that has not been written yet."""
        rows = self._take_steps()
        rows.new_runs, rows.events = self._new_runs, self._events
        old = self.touched - {run.id for run in self._new_runs}
        rows.runs = [self.runs[run_id] for run_id in sorted(old)]
        writing.write(rows)
        if self.over:
            idempotency.start_retention_of_runs(self.over)
        if self.awaited:
            transaction.on_commit(lambda: wake.waiters(self.awaited), robust=True)

    def _take_steps(self) -> writing.Rows:
        asked = self._take_wishes()
        new = {step.id for step in self._new_steps}
        changed = [step for step in self._changed.values() if step.id not in new]
        rows = writing.Rows(executions=asked, new_steps=self._new_steps, steps=changed)
        self._new_steps, self._changed = [], {}
        return rows

    def _take_wishes(self) -> list[dict[str, Any]]:
        executions, asked = accept.asked_for([wish for _, wish in self._wishes])
        for (step, wish), execution in zip(self._wishes, executions, strict=True):
            if step is not None:
                step.execution_id = execution.id
                self.change(step)
            lane = Lane(queue=execution.queue, is_concurrent=execution.is_concurrent)
            if wish.run_at is None:
                self.lanes.add(lane)
            elif wish.run_at - self.now < _next_poll():
                # Whoever is idle sleeps towards another time.
                wake.worker_after_commit(lane.queue, is_concurrent=lane.is_concurrent)
        self._wishes = []
        return asked


def _next_poll() -> timedelta:
    """So soon an idle worker looks by itself when the next one is due."""
    return timedelta(seconds=settings.ACTIONSITE_POLL_SECONDS)
