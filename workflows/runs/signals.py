"""Named events: the step that waits for one goes on.

Floor 4. An event that comes early is kept until a step asks for it.
"""

from actions.jsontypes import JSONObject
from workflows import reasons
from workflows.definition import EventStep
from workflows.models import Run, RunSignal, Step
from workflows.runs import calls
from workflows.runs.passage import Passage
from workflows.states import StepStatus


def expect(passage: Passage, run: Run, step: Step, *, definition: EventStep) -> None:
    """Take an event that came early, or wait for one."""
    early = RunSignal.objects.next_for(run.id, definition.event)
    if early is not None:
        take(passage, run, step, signal=early)
        return
    passage.begin(run, step, StepStatus.WAITING, reason=reasons.EVENT)
    calls.limit(passage, run, step, seconds=definition.timeout_seconds)


def take(passage: Passage, run: Run, step: Step, *, signal: RunSignal) -> None:
    """Give an event to a step, which ends with it."""
    signal.taken_by = step.id
    signal.save(update_fields=["taken_by"])
    result: JSONObject = {
        "timed_out": False,
        "payload": signal.payload,
        "at": passage.now.isoformat(),
    }
    sealed = signal.payload_sealed
    passage.end(run, step, StepStatus.SUCCEEDED, result=result, sealed=sealed)
