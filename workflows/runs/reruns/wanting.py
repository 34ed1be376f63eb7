"""Why another try of a step wants a reason: what it does outside may happen twice.

Floor 4.
"""

from dataclasses import dataclass
from uuid import UUID

from actions.ids import PREFIX_RUN, show
from actions.states import Effect
from workflows.definition import CallingStep
from workflows.models import Run, Step
from workflows.runs import plans
from workflows.runs.reruns.effects import Effects


@dataclass(frozen=True, kw_only=True, slots=True)
class WantedReason:
    """The sentence for who asks, and the run that has done the step meanwhile or may do it yet."""

    why: str
    run_id: UUID | None = None


def wanted_reason(run: Run, step: Step) -> WantedReason | None:
    """Why nobody may try a step again in its run without a reason; None if they may."""
    definition, effects = plans.of(run.version_id).step(step.name), Effects(run.id)
    if effects.of(definition) == Effect.EXTERNAL:
        later = Run.objects.later_call(run.id, step.name)
        if later is not None:
            return WantedReason(why=_already(step, later), run_id=later)
        is_sub_run = isinstance(definition, CallingStep) and definition.call.called == "workflow"
        if is_sub_run and effects.is_repeat(definition):
            return WantedReason(
                why=f"What the sub-run of {step.name} has done outside may happen again; say why it "
                "should."
            )
    if Step.objects.unknown_of(run.id).filter(name=step.name).exists():
        return WantedReason(
            why=f"Nobody knows whether {step.name} had its effect, and it may have it twice; say why it "
            "is to be tried again."
        )
    return None


def _already(step: Step, later: UUID) -> str:
    shown = show(PREFIX_RUN, later)
    has_ended = Run.objects.get(id=later).has_ended
    done = "has called it" if has_ended else "goes on, and may call it"
    return (
        f"{shown}, a later re-run, {done}: what {step.name} does outside may happen twice. Look at that "
        "run, and say why it should."
    )
