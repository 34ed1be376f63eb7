"""Whether what a step did was undone, asked of the execution or the sub-run that did it.

Floor 4. An effect belongs to what made it, whichever runs have taken its result over, and is undone
once, by one of them. Only what succeeded or goes on counts as undoing. Whoever asks has locked the
run, and with it the first of those that it repeats, so nobody begins to undo meanwhile.
"""

from functools import cached_property
from uuid import UUID

from actions.ids import PREFIX_RUN, show
from workflows.models import Step, family
from workflows.models.family import Undoing
from workflows.runs import downstream


class Undone:
    """What was undone of the effects of a run, in it or in one that re-runs link to it; read once."""

    def __init__(self, run_id: UUID) -> None:
        self._run_id = run_id

    def by(self, step: Step) -> Undoing | None:
        """What has undone the effect of a step, or goes on with that; None if nothing."""
        return next((one for one in self._tried(step) if one.stands), None)

    def told(self, step: Step) -> str:
        """The same as the end of a sentence: `was undone by run_…`; empty if nothing has."""
        found = self.by(step)
        if found is None:
            return ""
        how = "was undone" if found.is_done else "is being undone"
        return how if found.run_id == self._run_id else f"{how} by {show(PREFIX_RUN, found.run_id)}"

    def relying(self, step: Step) -> list[UUID]:
        """The runs that have succeeded, or go on, with the effect of a step; the oldest first."""
        return self._relied_on.get(step.effect_id, []) if step.effect_id is not None else []

    def kept_key(self, step: Step) -> str:
        """What the next undoing sends downstream again, because nobody knows what the last one did."""
        last = [one.step_id for one in self._tried(step)][-1:]
        kept = downstream.kept(Step.objects.identified(last)) if last else {}
        return next(iter(kept.values()), "")

    def _tried(self, step: Step) -> list[Undoing]:
        return self._found.get(step.effect_id, []) if step.effect_id is not None else []

    @cached_property
    def _relied_on(self) -> dict[UUID, list[UUID]]:
        return family.relied_on(self._run_id)

    @cached_property
    def _found(self) -> dict[UUID, list[Undoing]]:
        return family.undoings(self._run_id)
