"""What the form of a re-run holds: what to run again, in which version, with which params.

Floor 5, a door.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

from actions import masking
from actions.errors import FieldProblem, ParamsInvalid
from actions.jsontypes import JSONObject
from actions.web.door import PageRequest
from actions.web.forms.masks import restored
from actions.web.forms.reason import reason_of
from actions.web.forms.shape import Shape, shape_of
from actions.web.forms.submission import Sent
from workflows.models import Run, Workflow, WorkflowVersion
from workflows.runs import plans
from workflows.runs.reruns import RerunWish
from workflows.runs.reruns.verdicts import What
from workflows.runs.scope import hidden_params_of, params_of
from workflows.states import RunStatus
from workflows.web.finding import find_step

LATEST = "latest"
WHATS: dict[str, What] = {"from_failed": "from_failed", "from_step": "from_step", "whole": "whole"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """The answers of the form; `version` is the one that would run.

    `seen` is the last fact about the run when the form was drawn; a re-run is one more.
    """

    run: Run
    what: What
    step: str
    version: WorkflowVersion
    is_latest: bool
    is_edited: bool
    reason: str
    seen: str
    sent: Sent

    @classmethod
    def beginning(cls, request: PageRequest, run: Run) -> Self:
        """What the address asks for; else from what failed, or everything of a success."""
        return cls._of(request, run, request.GET)

    @classmethod
    def posted(cls, request: PageRequest, run: Run) -> Self:
        """What a browser sent."""
        choice = cls._of(request, run, request.POST)
        return replace(choice, reason=reason_of(request), sent=Sent.of(request.POST))

    @classmethod
    def _of(cls, request: PageRequest, run: Run, given: Mapping[str, str]) -> Self:
        is_latest = given.get("version") == LATEST
        version = latest_of(run) if is_latest else run.version
        step = given.get("step", "")
        return cls(
            run=run,
            what=_what(given.get("what", ""), run, step),
            step=step,
            version=version,
            is_latest=is_latest,
            is_edited=given.get("params_choice") == "edit",
            reason="",
            seen=given.get("seen", ""),
            sent=Sent.beginning(shape_of(schema_of(run, version)), run.params),
        )

    @property
    def shape(self) -> Shape:
        """The shape of the params in the version that would run."""
        return shape_of(schema_of(self.run, self.version))

    def switched(self) -> Self:
        """The same with the params written the other way."""
        return replace(self, sent=self.sent.switched(self.shape))

    def wish(self) -> RerunWish:
        """What is asked of the engine; raises ParamsInvalid for what cannot be read."""
        if self.what == "from_step" and find_step(self.run, self.step) is None:
            detail = "Choose the step from which on to execute."
            problem = FieldProblem(pointer="/step", code="no-such-step", detail=detail)
            raise ParamsInvalid(detail, errors=[problem])
        return RerunWish(
            run=self.run,
            what=self.what,
            step=self.step if self.what == "from_step" else None,
            version=self.version if self.is_latest else None,
            params=self._params(),
            reason=self.reason,
        )

    def _params(self) -> JSONObject | None:
        """The params as the reader changed them; None to run with the same ones."""
        if not self.is_edited:
            return None
        return restored(
            params_in(self.sent, self.shape),
            original=params_of(self.run, plans.of(self.run.version_id)),
            schema=schema_of(self.run, self.version),
            keeps_absent=not self.sent.is_json,
        )


def latest_of(run: Run) -> WorkflowVersion:
    """The version that new runs begin with; that of the run itself if there is none."""
    workflow = Workflow.objects.named(run.workflow_name)
    return workflow.active if workflow is not None and workflow.active else run.version


def schema_of(run: Run, version: WorkflowVersion) -> JSONObject:
    """The schema of a version's params; what is sealed in those of the run stays marked."""
    own = plans.of(version.id).definition.params_schema
    return masking.marking(own, hidden_params_of(run))


def shape_in(version: WorkflowVersion) -> Shape:
    """The shape of the params of a version."""
    return shape_of(plans.of(version.id).definition.params_schema)


def params_in(sent: Sent, shape: Shape) -> JSONObject:
    """The params that a form holds; raises ParamsInvalid for what cannot be read."""
    reading = sent.read(shape)
    if reading.problems:
        raise ParamsInvalid("The params could not be read.", errors=reading.problems)
    return reading.params


def _what(text: str, run: Run, step: str) -> What:
    if text in WHATS:
        return WHATS[text]
    if step:
        return "from_step"
    return "whole" if run.status == RunStatus.SUCCEEDED else "from_failed"
