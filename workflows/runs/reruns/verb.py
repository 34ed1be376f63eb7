"""Do what a preview has said.

Floor 4.
"""

from dataclasses import replace

from actions.actors import Actor
from actions.errors import FieldProblem, ParamsInvalid
from actions.ids import PREFIX_RUN, show
from actions.jsontypes import JSONObject
from workflows.errors import SituationChanged
from workflows.models import Run, Step
from workflows.runs import given, making
from workflows.runs.advance import on_locked_run
from workflows.runs.keeper import done_before, remember
from workflows.runs.passage import Passage
from workflows.runs.reruns.preview import preview
from workflows.runs.reruns.verdicts import Preview, RerunWish, Verdict
from workflows.states import RunEventType, StepStatus


def rerun(
    wish: RerunWish, *, digest: str, by: Actor, key: str | None = None, seen: str | None = None
) -> Run:
    """Start the re-run that a preview with this digest has shown.

    With a `key`, the same call again returns the run that the first one started. With `seen`, nothing
    may have happened to the old run since it had so many events. Raises IdempotencyKeyReused;
    SituationChanged if that is not so, or if it would do something else by now; ParamsInvalid for
    params that break the schema, for a step that cannot be executed, and where a reason is missing;
    RunGoesOn.
    """
    asked = wish.as_json(digest)
    with on_locked_run(wish.run.id) as (passage, old):
        before = done_before(old, key=key, asked=asked, by=by)
        if before is not None:
            return before
        shown = preview(replace(wish, run=old))
        _check_seen(shown, digest=digest, seen=seen)
        _check(shown)
        new = making.make(passage, _run_wish(shown, by=by))
        new.rerun = _asked(shown)
        settled = shown.settled
        reused = [(old.id, name) for name, kept in settled.items() if kept == Verdict.REUSE]
        passage.load(reused)
        passage.shown.read(one for one in reused if passage.step(old, one[1]).kind == "map")
        for step in passage.all_steps(new):
            if step.name in settled:
                _take_over(passage, new, step, old=old, verdict=settled[step.name])
            else:
                passage.change(step)
        facts: JSONObject = {"run": new.shown_id, "what": wish.what, "reason": wish.reason}
        passage.log(old, RunEventType.RERUN_REQUESTED, by=by, facts=facts)
        remember(old, key=key, asked=asked, outcome=new)
    return new


def _run_wish(shown: Preview, *, by: Actor) -> making.RunWish:
    old = shown.wish.run
    wish = making.RunWish(version=shown.version, params=shown.given, by=by, metadata=old.metadata)
    return wish.repeating(old)


def _check_seen(shown: Preview, *, digest: str, seen: str | None) -> None:
    old = shown.wish.run
    if seen is not None and seen != str(old.event_count):
        raise SituationChanged(
            f"Something has happened to {old.shown_id} since you looked, perhaps a re-run of it, which "
            "its page shows. Look at the list again and confirm that."
        )
    if shown.digest != digest:
        last = shown.superseded_by
        again = f" It was last run again as {show(PREFIX_RUN, last)}." if last else ""
        raise SituationChanged(
            f"What a re-run of {old.shown_id} would do has changed since you looked; look at the "
            f"preview again and confirm that.{again}"
        )


def _check(shown: Preview) -> None:
    problems = [
        FieldProblem(pointer="/step", code="blocked", detail=f"{entry.step}: {entry.why}")
        for entry in shown.blocked
    ]
    if shown.needs_reason and not shown.wish.reason.strip():
        detail = "Something outside may happen again; say why it should."
        problems.append(FieldProblem(pointer="/reason", code="reason-required", detail=detail))
    if problems:
        raise ParamsInvalid(f"The re-run is refused: {problems[0].detail}", errors=problems)


def _asked(shown: Preview) -> JSONObject:
    wish = shown.wish
    return {"what": wish.what, "step": wish.step, "reason": wish.reason}


def _take_over(passage: Passage, new: Run, step: Step, *, old: Run, verdict: Verdict) -> None:
    """Leave out a step of the new run, or give it the result of the old one."""
    if verdict == Verdict.SKIP:
        passage.end(new, step, StepStatus.SKIPPED)
        return
    was = passage.step(old, step.name)
    step.reused_from = was.execution_id or was.reused_from
    step.child_id = was.child_id
    step.started_at = was.started_at
    result = was.result if was.kind != "map" else passage.results_of(was)
    sealed = given.moved(was.result_sealed, old=old.id, new=new.id)
    passage.end(new, step, StepStatus.REUSED, result=result, sealed=sealed)
