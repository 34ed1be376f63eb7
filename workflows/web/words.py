"""What a step of a definition does, in words.

Floor 5, a door; values to words.
"""

from actions import sentences
from workflows.definition import (
    ActionStep,
    ApprovalStep,
    EventStep,
    MapStep,
    Step,
    SwitchStep,
    WaitStep,
    WorkflowStep,
)


def words_of(step: Step) -> str:
    """What the step does, in one sentence without its end."""
    match step:
        case ActionStep():
            return f"Executes {step.call.name}"
        case MapStep():
            how = "Executes" if step.call.called == "action" else "Runs"
            return f"{how} {step.call.name} for each of {step.over}"
        case WorkflowStep():
            return f"Runs the workflow {step.call.name}"
        case WaitStep():
            return f"Waits {_length(step)}"
        case ApprovalStep():
            return f"Asks {', '.join((*step.roles, *step.users))}: {step.message}"
        case EventStep():
            return f"Waits for the event {step.event}"
        case SwitchStep():
            return _choice(step)
    return str(step.kind)


def conditions_of(step: Step) -> tuple[str, ...]:
    """What it waits for, and when it is left out."""
    found = []
    if step.after:
        join = " (the first that succeeds)" if step.join == "any" else ""
        found.append(f"after {', '.join(step.after)}{join}")
    if step.when is not None:
        found.append(f"if {step.when}")
    if step.is_optional:
        found.append("may fail")
    return tuple(found)


def called_by(step: Step | None) -> str:
    """The name of the action or workflow that it calls; empty if it calls none."""
    calls = step.calls if step is not None else ()
    return calls[0].name if calls else ""


def _length(step: WaitStep) -> str:
    if step.until is not None:
        return f"until {step.until}"
    said = step.duration
    return f"for {said}" if isinstance(said, str) else sentences.duration(said or 0)


def _choice(step: SwitchStep) -> str:
    cases = [f"{', '.join(case.then) or 'nothing'} if {case.when}" for case in step.cases]
    return f"Goes on with {'; '.join(cases)}; otherwise {', '.join(step.otherwise) or 'nothing'}"
