"""What a run does after its steps have ended: undo them, and tell somebody that it failed.

Floor 4. Each is a step of its own, whose name begins with `@`; one begins when the other has ended.
A run that was opened again and ends badly again does it again, but for what is undone already.
"""

from collections.abc import Iterator
from functools import cached_property

from actions.ids import PREFIX_RUN, show
from actions.jsontypes import JSONObject
from workflows import reasons
from workflows.models import Run, Step
from workflows.runs import calling
from workflows.runs.passage import Passage
from workflows.runs.refusals import failing
from workflows.runs.undone import Undone
from workflows.states import (
    HANDLER,
    STEP_FAILED,
    STEP_PASSED,
    UNDO,
    RunStatus,
    StepStatus,
    is_undo,
)

# So much of what was not undone, and of each reason, is told.
TOLD, MAX_REASON = 5, 200


def begin_next(passage: Passage, run: Run, outcome: RunStatus) -> bool:
    """Begin what is still to be done before the run ends so; false if that is nothing.

    Before its end the error of the run says what could not be undone.
    """
    definition = passage.plan(run).definition
    if not _has_any(passage, run):
        return False
    ending = _Ending(passage, run)
    undoes = outcome in definition.compensate_after or ending.undoing
    if undoes and any(_undo(ending, step) for step in ending.to_be_undone()):
        return True
    if ending.has_called(HANDLER):
        return False
    _tell_what_stays(run, ending.undoing)
    if outcome == RunStatus.FAILED and definition.failure_handler:
        ending.begin(HANDLER)
        return True
    return False


def has_begun_to_undo(passage: Passage, run: Run) -> bool:
    """Whether the run is ending, and what it did is being undone, or was."""
    return _has_any(passage, run) and bool(_Ending(passage, run).undoing)


def reason_of(name: str) -> str:
    """Why a run goes on in which such a step does."""
    return reasons.HANDLING_FAILURE if name == HANDLER else reasons.COMPENSATING


def _has_any(passage: Passage, run: Run) -> bool:
    definition = passage.plan(run).definition
    undoes = any(getattr(step, "compensate", None) for step in definition.steps.values())
    return undoes or definition.failure_handler is not None


class _Ending:
    """The end of a run, which may have ended before: what it has called for it already."""

    def __init__(self, passage: Passage, run: Run) -> None:
        self.passage, self.run = passage, run
        steps = passage.all_steps(run)
        self._own = [step for step in steps if not step.is_handler]
        self._called = {step.name: step for step in steps if step.is_handler}
        # Whoever opens a run again gives one of its steps a new generation.
        self.number = 1 + sum(step.generation - 1 for step in self._own)

    @cached_property
    def undone(self) -> Undone:
        """What of it is undone, also by other runs, those of this passage among them."""
        self.passage.store_steps()
        return Undone(self.run.id)

    def has_called(self, name: str) -> bool:
        """Whether that has been called since the run was opened for the last time."""
        return name in self._called and self._called[name].generation == self.number

    @property
    def undoing(self) -> list[Step]:
        """What undoes steps, or has, since then."""
        return [
            one for name, one in self._called.items() if is_undo(name) and self.has_called(name)
        ]

    def to_be_undone(self) -> Iterator[Step]:
        """What has passed and can be undone, the last one first.

        What was taken over has passed at one moment, so the graph says what came last.
        """
        plan = self.passage.plan(self.run)
        passed = [
            step
            for step in self._own
            if step.status in STEP_PASSED and getattr(plan.step(step.name), "compensate", None)
        ]
        ended = {step.id: step.finished_at or self.passage.now for step in passed}
        passed.sort(key=lambda step: (ended[step.id], plan.turns[step.name]), reverse=True)
        return (step for step in passed if not self.has_called(f"{UNDO}{step.name}"))

    def step(self, name: str) -> Step:
        """The step of that name, ready to begin: a new one, or the one of an earlier end."""
        if name in self._called:
            self.passage.know([self._called[name]])
            step = self.passage.step(self.run, name)
            step.status, step.error = StepStatus.PENDING, None
            step.result = step.result_sealed = None
            step.execution_id = step.child_id = step.started_at = step.finished_at = None
            step.generation, step.downstream_key = self.number, ""
            self.passage.change(step)
            return step
        step = Step(
            run_id=self.run.id,
            name=name,
            kind=self.passage.plan(self.run).handler(name).kind,
            position=len(self._own) + len(self._called),
            status=StepStatus.PENDING,
            generation=self.number,
            waits_for=0,
            is_optional=True,
        )
        self._called[name] = step
        self.passage.add_steps([step])
        return step

    def begin(self, name: str, *, downstream_key: str = "") -> None:
        """Begin it."""
        step = self.step(name)
        step.downstream_key = downstream_key
        call(self.passage, self.run, step)


def _undo(ending: _Ending, step: Step) -> bool:
    """Undo what a step did; false if another run has undone it, or relies on it, which is noted."""
    undone = ending.undone
    found = undone.by(step)
    kept = _why_kept(ending, step) if found is None else ""
    if found is None and not kept:
        ending.begin(f"{UNDO}{step.name}", downstream_key=undone.kept_key(step))
        return True
    if found is None or found.run_id != ending.run.id:
        skipped = ending.step(f"{UNDO}{step.name}")
        how = f"stays: {kept}" if kept else undone.told(step)
        note: JSONObject = {"why": f"What {step.name} did {how}."}
        ending.passage.end(ending.run, skipped, StepStatus.SKIPPED, result=note, facts=note)
    return False


def _why_kept(ending: _Ending, step: Step) -> str:
    """Why what a step did must stay though the run ends badly; empty if it need not."""
    known = ending.passage.runs
    others = [
        one
        for one in ending.undone.relying(step)
        if one not in known or not (known[one].is_stopping or known[one].cancel_requested_at)
    ]
    return f"{show(PREFIX_RUN, others[0])} relies on it" if others else ""


def call(passage: Passage, run: Run, step: Step) -> None:
    """Ask for what the step does; while the run is paused, the step is held up."""
    if run.paused_at is not None:
        passage.begin(run, step, StepStatus.WAITING, reason=reasons.PAUSED)
        return
    plan = passage.plan(run)
    passage.scopes.read((run.id, needed) for needed in plan.needs(step.name))
    variables = passage.scopes.variables(run, plan.needs(step.name), error=run.error)
    with failing(passage, run, step):
        calling.call(passage, run, step, definition=plan.handler(step.name), variables=variables)


def _tell_what_stays(run: Run, undoing: list[Step]) -> None:
    """Add to the error of the run what could not be undone, and why."""
    left = [step for step in undoing if step.status in STEP_FAILED]
    if not left:
        return
    told = [f"What {one.name.removeprefix(UNDO)} did was not undone: {_why(one)}" for one in left]
    more = f"{len(left) - TOLD:,} more were not undone." if len(left) > TOLD else ""
    error = run.error or {"step": None, "attempt": None, "code": "not_undone", "message": ""}
    said = [str(error["message"]), *told[:TOLD], more]
    run.error = error | {"message": " ".join(_closed(one) for one in said if one)}


def _why(step: Step) -> str:
    if step.error is None:
        return "that was cancelled."
    return " ".join(str(step.error.get("message")).split())[:MAX_REASON]


def _closed(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."
