"""Running an ended run again: first what that would do, then doing it. Floor 5."""

from typing import Any, cast

from rest_framework.request import Request
from rest_framework.response import Response

from actions.api import intake
from actions.errors import FieldProblem, ParamsInvalid
from actions.jsontypes import JSONObject
from workflows import definitions, runs
from workflows.api.runs import bodies, operations, requests
from workflows.api.runs.door import RunCommand, RunLookout
from workflows.models import Run, WorkflowVersion
from workflows.runs.reruns import RerunWish


class RunRerunPreview(RunLookout):
    """What a re-run would do with each step; nothing is stored."""

    http_method_names = ["post"]
    # The key of the re-run may stand there; nothing is stored, so it counts for nothing.
    shape = requests.PREVIEW

    body: JSONObject

    def take_in(self, request: Request) -> None:
        """Read the body."""
        super().take_in(request)
        self.body = intake.body_of(request, shape=self.shape)

    @operations.PREVIEW_RERUN
    def post(self, request: Request, run_id: str) -> Response:
        """The preview, with the digest that confirms it."""
        return Response(bodies.preview(runs.preview(wish_of(self.find(run_id), self.body))))


class RunRerun(RunCommand):
    """A new run in the place of an ended one."""

    http_method_names = ["post"]
    shape = requests.RERUN

    @operations.RERUN_RUN
    def post(self, request: Request, run_id: str) -> Response:
        """Start what the preview of that digest has shown."""
        wish = wish_of(self.find(run_id), self.body)
        new = runs.rerun(wish, digest=self.said("digest"), by=self.principal.actor, key=self.key)
        return self.answer_for(new, is_replay=new.is_replay)


def wish_of(run: Run, body: JSONObject) -> RerunWish:
    """What a body with the members of RERUN asks for; raises ParamsInvalid."""
    asked = cast("dict[str, Any]", body)
    step = asked.get("step")
    detail = ""
    if asked["what"] == "from_step" and step is None:
        detail = "Say from which step."
    elif asked["what"] != "from_step" and step is not None:
        detail = "A step is only named to begin from it; ask for from_step, or leave it out."
    elif step is not None and step not in run.version.document["steps"]:
        detail = f"The workflow has no step {step!r} in the version of this run."
    if detail:
        problem = FieldProblem(pointer="/step", code="step-invalid", detail=detail)
        raise ParamsInvalid(f"The re-run is refused: {detail}", errors=[problem])
    return RerunWish(
        run=run,
        what=asked["what"],
        step=step,
        version=_version(run, asked.get("version", "original")),
        params=asked.get("params"),
        reason=asked.get("reason", ""),
    )


def _version(run: Run, wanted: str | int) -> WorkflowVersion | None:
    """The version that was asked for; None for that of the run."""
    if wanted == "original":
        return None
    if wanted == "latest":
        return runs.active_version(run.workflow_name)
    found = WorkflowVersion.objects.numbered(run.workflow_name, int(wanted))
    if found is None:
        raise definitions.no_such_version(run.workflow_name, int(wanted))
    return found
