"""Make a run: its row, a row for each step, and those that wait for nothing begin.

Floor 4.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property, partial
from uuid import UUID

from actions import masking, schema
from actions.actors import Actor
from actions.errors import FieldProblem
from actions.executions.params import mask_problems
from actions.expressions import ExpressionFailed
from actions.ids import new_id
from actions.jsontypes import JSONObject
from actions.masking import Hidden
from workflows import reasons
from workflows.models import Run, Step, WorkflowVersion
from workflows.plan import Plan
from workflows.runs import calls, downstream, places, plans, scope, seals, veils
from workflows.runs.passage import Passage
from workflows.states import RunEventType, RunStatus, StepStatus

# Somebody looks at every run that goes on at least so often.
LOOK_AGAIN = timedelta(minutes=5)
# What is said of a run that follows a failed one under the same key.
RETRY: JSONObject = {"what": "retry", "step": None, "reason": ""}


@dataclass(frozen=True, kw_only=True)
class RunWish:
    """A request to run a version of a workflow."""

    version: WorkflowVersion
    params: JSONObject
    by: Actor
    identity: UUID = field(default_factory=new_id)
    key: str | None = None
    generation: int = 0
    metadata: JSONObject = field(default_factory=dict)
    waited_until: datetime | None = None
    rerun_of: Run | None = None
    # What stays sealed in the params, whatever the version marks.
    sealed_before: Sequence[Hidden] = ()
    # What was asked of a re-run.
    rerun: JSONObject | None = None
    parent: Run | None = None
    parent_step: Step | None = None

    def under_key(self, identity: UUID, *, generation: int, following: Run | None) -> "RunWish":
        """The same as the run of that id, perhaps after one that has failed under the same key."""
        same = replace(self, identity=identity, generation=generation)
        return same if following is None else same.repeating(following, rerun=RETRY)

    def repeating(self, old: Run, *, rerun: JSONObject | None = None) -> "RunWish":
        """The same as a repeat of a run: what is sealed in that one's params stays sealed.

        Raises ParamsInvalid where the version would use such a secret as if it were none.
        """
        sealed = seals.sealed_before(old, version=self.version)
        return replace(self, rerun_of=old, rerun=rerun, sealed_before=sealed)

    @property
    def whole_params(self) -> JSONObject:
        """The params with the defaults of the schema."""
        whole: JSONObject = schema.with_defaults(_schema(self), self.params)
        return whole

    @cached_property
    def split(self) -> masking.Split:
        """The params as they may be shown, and the secrets that were taken out of them."""
        return masking.split(self.whole_params, self.marked_schema)

    @property
    def marked_schema(self) -> JSONObject:
        """The schema of the params, which also marks what stays sealed."""
        return masking.marking(_schema(self), self.sealed_before)

    @cached_property
    def concurrency_key(self) -> str | None:
        """Which runs it shares places with; raises ExpressionFailed."""
        plan, shown = plans.of(self.version.id), self.split.shown if self.split.hidden else None
        said, workflow = plan.definition.concurrency_key, plan.definition.workflow
        if said is None:
            return None
        key_of = partial(places.key_of, plan, said)
        return veils.told(key_of, self.whole_params, shown=shown, name=workflow)


def problems_of(wish: RunWish) -> list[FieldProblem]:
    """What is wrong with the params that are sent; empty if nothing."""
    found = masking.misfits(_schema(wish), wish.whole_params, marked=wish.marked_schema)
    found += mask_problems(wish.split)
    return found or _problems_of_key(wish)


def _problems_of_key(wish: RunWish) -> list[FieldProblem]:
    try:
        _ = wish.concurrency_key
    except ExpressionFailed as failed:
        return [FieldProblem(pointer="", code="concurrency-key", detail=str(failed))]
    return []


def has_place(wish: RunWish) -> bool:
    """Whether the run can have a place of its concurrency key at once; nobody else is told so.

    Only for who has locked no run: with one in hand, nobody may wait for a key.
    """
    said = plans.of(wish.version.id).definition.concurrency_key
    key, workflow = wish.concurrency_key, wish.version.workflow.name
    if said is None or key is None:
        return False
    return places.has_room(workflow, key, limit=said.limit)


def make(passage: Passage, wish: RunWish, *, may_begin: bool = False) -> Run:
    """Add the run and its steps to the passage; what waits for nothing is ready.

    With a concurrency key the run is queued, unless it has a place already. Raises
    ConcurrencyKeyHeld if it may not wait, but for a sub-run, which is there before that is found out.
    """
    run, plan = _row(wish), plans.of(wish.version.id)
    if wish.parent is None and places.on_conflict(plan) == "reject":
        places.check_room(run)
    counts = plan.graph.waiting_counts
    keys = downstream.kept_by_name(wish.rerun_of) if wish.rerun_of is not None else {}
    steps = [
        Step(
            run_id=run.id,
            name=name,
            kind=step.kind,
            position=place,
            status=StepStatus.PENDING,
            waits_for=counts[name],
            is_optional=step.is_optional,
            downstream_key=keys.get((name, step.kind), ""),
        )
        for place, (name, step) in enumerate(plan.definition.steps.items())
    ]
    run.queued_at, run.wake_at = passage.now, passage.now + LOOK_AGAIN
    passage.add(run, steps)
    passage.log(run, RunEventType.ACCEPTED, by=wish.by, facts=_facts(wish))
    if run.concurrency_key is None or may_begin:
        begin(passage, run)
    else:
        calls.admit(passage, run)
    return run


def begin(passage: Passage, run: Run) -> None:
    """Let a run begin that has just been made, or that was queued: its time runs from now on."""
    plan = passage.plan(run)
    passage.know_all(run)
    run.status, run.reason, run.started_at = RunStatus.RUNNING, reasons.IN_PROGRESS, passage.now
    passage.log(run, RunEventType.STARTED)
    calls.limit(passage, run, None, seconds=plan.definition.timeout_seconds)
    passage.ready += ready_steps(passage, run)


def ready_steps(passage: Passage, run: Run) -> list[tuple[Run, Step]]:
    """The steps that nothing holds up, of a run that begins, or is opened again after its end."""
    plan = passage.plan(run)
    known = [step for step in passage.all_steps(run) if step.name in plan.definition.steps]
    return [(run, step) for step in known if _is_ready(plan, step)]


def _is_ready(plan: Plan, step: Step) -> bool:
    """Whether nothing holds it up but that its run had not begun."""
    if step.status != StepStatus.PENDING:
        return False
    is_first = step.has_passed and plan.step(step.name).join == "any"
    return step.waits_for == 0 or is_first


def _row(wish: RunWish) -> Run:
    split = wish.split
    said = plans.of(wish.version.id).definition.concurrency_key
    return Run(
        id=wish.identity,
        version=wish.version,
        workflow_name=wish.version.workflow.name,
        status=RunStatus.QUEUED,
        reason=reasons.KEY,
        concurrency_key=wish.concurrency_key,
        concurrency_limit=said.limit if said is not None else None,
        params=split.shown,
        params_sealed=scope.sealed_params(wish.identity, split.hidden),
        metadata=masking.masked(wish.metadata),
        idempotency_key=wish.key,
        key_generation=wish.generation,
        actor_kind=wish.by.kind,
        actor_id=wish.by.id,
        actor_label=wish.by.label,
        request_id=wish.by.request_id,
        trace_id=wish.by.trace_id,
        rerun_of=wish.rerun_of,
        rerun=wish.rerun,
        parent=wish.parent,
        parent_step_id=wish.parent_step.id if wish.parent_step else None,
        waited_until=wish.waited_until,
    )


def _facts(wish: RunWish) -> JSONObject:
    facts: JSONObject = {"version": wish.version.number}
    if wish.rerun_of is not None:
        facts["rerun_of"] = wish.rerun_of.shown_id
    if wish.parent is not None:
        facts["parent"] = wish.parent.shown_id
    return facts


def plan_of(version: WorkflowVersion) -> Plan:
    """The plan of a version."""
    return plans.of(version.id)


def _schema(wish: RunWish) -> JSONObject:
    return plans.of(wish.version.id).definition.params_schema
