"""What may be done with a run: stop it, hold it up, answer it, send it an event. Floor 5."""

from dataclasses import fields
from typing import Any, ClassVar, cast

from rest_framework.request import Request
from rest_framework.response import Response

from actions.api.views.refusals import placed_in_body
from actions.executions.wish import Repeats
from workflows import definitions, runs
from workflows.api.runs import operations, requests
from workflows.api.runs.door import RunCommand

_REPEATS = tuple(field.name for field in fields(Repeats))


class WorkflowRuns(RunCommand):
    """The runs of one workflow."""

    http_method_names = ["post"]
    shape = requests.START
    default_wait: ClassVar[float] = 5

    @operations.START_RUN
    def post(self, request: Request, name: str) -> Response:
        """Start one, and answer with it."""
        if not name.isprintable() or not self.principal.sees(name):
            raise definitions.no_such_workflow(name)
        asked = cast("dict[str, Any]", self.body)
        with placed_in_body():
            accepted = runs.submit(
                workflow=name,
                params=asked.get("params", {}),
                by=self.principal.actor,
                key=self.key,
                repeats=Repeats(**{one: asked[one] for one in _REPEATS if one in asked}),
                metadata=asked.get("metadata"),
                waited_until=self.waits_until,
            )
        return self.answer_for(accepted.held, is_replay=accepted.is_replay)


class RunCancel(RunCommand):
    """The end of a run, on request."""

    http_method_names = ["post"]
    shape = requests.CANCEL

    @operations.CANCEL_RUN
    def post(self, request: Request, run_id: str) -> Response:
        """End what waits at once, and ask what runs to stop."""
        found = self.find(run_id)
        done = runs.cancel(
            run_id=found.id, by=self.principal.actor, reason=self.said("reason"), key=self.key
        )
        return self.answer_for(done, is_replay=done.is_replay)


class RunPause(RunCommand):
    """A run that begins no more steps. A repeat with its key has no further effect."""

    http_method_names = ["post"]
    shape = requests.PAUSE

    @operations.PAUSE_RUN
    def post(self, request: Request, run_id: str) -> Response:
        """Hold it up; what runs is finished."""
        found = self.find(run_id)
        done = runs.pause(
            run_id=found.id, by=self.principal.actor, note=self.said("note"), key=self.key
        )
        return self.answer_for(done, is_replay=done.is_replay)


class RunResume(RunCommand):
    """A paused run that goes on. A repeat with its key has no further effect."""

    http_method_names = ["post"]
    shape = requests.RESUME

    @operations.RESUME_RUN
    def post(self, request: Request, run_id: str) -> Response:
        """Let it go on from where it was held up."""
        found = self.find(run_id)
        done = runs.resume(
            run_id=found.id, by=self.principal.actor, note=self.said("note"), key=self.key
        )
        return self.answer_for(done, is_replay=done.is_replay)


class RunEventSend(RunCommand):
    """A named event for a run."""

    http_method_names = ["post"]
    shape = requests.SEND

    @operations.SEND_EVENT
    def post(self, request: Request, run_id: str, name: str) -> Response:
        """Send it; the first step that waits for it takes it."""
        found = self.find(run_id)
        with placed_in_body("payload"):
            done = runs.send(
                run_id=found.id,
                name=name,
                payload=self.body.get("payload"),
                by=self.principal.actor,
                key=self.key,
            )
        return self.answer_for(done, is_replay=done.is_replay)


class RunStepAnswer(RunCommand):
    """The answer to the question of an approval step."""

    http_method_names = ["post"]
    shape = requests.ANSWER

    @operations.ANSWER_STEP
    def post(self, request: Request, run_id: str, name: str) -> Response:
        """Answer it, if the definition lets the caller."""
        found = self.find(run_id)
        runs.check_may_answer(found, name, by=self.principal)
        asked = cast("dict[str, Any]", self.body)
        with placed_in_body("answer"):
            done = runs.answer(
                run_id=found.id,
                step=name,
                decision=asked["decision"],
                answer=asked.get("answer"),
                comment=asked.get("comment"),
                by=self.principal.actor,
                key=self.key,
            )
        return self.answer_for(done, is_replay=done.is_replay)


class RunStepRerun(RunCommand):
    """A failed step once more, in the same run. A repeat with its key has no further effect."""

    http_method_names = ["post"]
    shape = requests.AGAIN

    @operations.RERUN_STEP
    def post(self, request: Request, run_id: str, name: str) -> Response:
        """Give it a new execution; the run goes on from there."""
        found = self.find(run_id)
        done = runs.step_again(
            run_id=found.id,
            step=name,
            by=self.principal.actor,
            reason=self.said("reason"),
            key=self.key,
        )
        return self.answer_for(done, is_replay=done.is_replay)
