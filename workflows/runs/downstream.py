"""Which keys go downstream a second time: those of calls of which nobody knows what they did.

Floor 4. A step keeps the key of its call, an element of a map too, and a sub-run those of the steps
of the sub-run that was there before, whatever the depth.
"""

from collections.abc import Iterable
from uuid import UUID

from actions.ids import PREFIX_RUN, parse, show
from actions.models import Execution
from workflows.definition import StepKind
from workflows.models import Run, Step


def kept(steps: Iterable[Step]) -> dict[UUID, str]:
    """By the ids of steps that are to be executed again what they keep; empty where nothing.

    For a step that runs a workflow it is the run whose keys it keeps.
    """
    known = list(steps)
    unknown = Execution.objects.unknown_keys([one.execution_id for one in known])
    return {one.id: _of(one, unknown) for one in known}


def _of(step: Step, unknown: dict[UUID, str]) -> str:
    if step.execution_id is not None:
        return unknown.get(step.execution_id, "")
    return show(PREFIX_RUN, step.child_id) if step.child_id is not None else step.downstream_key


def kept_by_name(run: Run) -> dict[tuple[str, str], str]:
    """The same for the steps of a run, by their names and kinds, without the elements of maps."""
    steps = list(Step.objects.of(run.id))
    found = kept(steps)
    return {(one.name, one.kind): found[one.id] for one in steps}


def kept_count(steps: Iterable[Step]) -> int:
    """How many keys of calls these keep, with those of their sub-runs."""
    count, level = 0, list(steps)
    while level:
        keys = kept(level)
        found = [one for one in level if keys[one.id]]
        below = [keys[one.id] for one in found if one.kind == StepKind.WORKFLOW]
        count += len(found) - len(below)
        level = list(Step.objects.of_runs([parse(PREFIX_RUN, run) for run in below]))
    return count


def earlier_run(step: Step) -> Run | None:
    """The sub-run whose keys the sub-run of a step keeps."""
    if not step.downstream_key:
        return None
    return Run.objects.get(id=parse(PREFIX_RUN, step.downstream_key))
