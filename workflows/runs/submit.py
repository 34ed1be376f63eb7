"""Accept a request to run a workflow, or answer a repeat of one from the record.

Floor 4. The contract is that of executions (`actions.executions.once`), with the kind `workflow`.
"""

from datetime import datetime
from functools import cached_property
from uuid import UUID

from actions import keys, masking, schema
from actions.actors import Actor
from actions.executions import once
from actions.executions.once import Accepted, Keyed, Standing
from actions.executions.wish import Repeats
from actions.jsontypes import JSONObject
from actions.models import IdempotencyRecord
from actions.states import EventType, KeyKind
from workflows import definitions
from workflows.models import Run, Step, Workflow
from workflows.runs import gates, log, plans, scope
from workflows.runs.expect import expect
from workflows.runs.making import RunWish
from workflows.runs.start import check, launch
from workflows.states import RunEventType, RunStatus


def submit(
    *,
    workflow: str,
    params: JSONObject,
    by: Actor,
    key: str | None = None,
    repeats: Repeats | None = None,
    metadata: JSONObject | None = None,
    waited_until: datetime | None = None,
) -> Accepted[Run]:
    """Accept one run of the workflow's active version, at most once per key.

    When it returns, the run is durable and its workers are woken. Raises WorkflowNotFound, and for
    what is new WorkflowArchived, WorkflowVersionNotFound and ParamsInvalid; the refusals of `once`.
    """
    found = Workflow.objects.named(workflow)
    if found is None:
        raise definitions.no_such_workflow(workflow)
    asked = _KeyedRun(found, params=params, by=by)
    asked.key = "" if key is None else keys.check(key)
    asked.repeats = repeats or Repeats()
    asked.metadata, asked.waited_until = metadata or {}, waited_until
    if key is not None:
        return once.accept(asked)
    check(asked.wish)
    return Accepted(held=launch(asked.wish), is_new=True)


class _KeyedRun(Keyed[Run]):
    """A request for a run; without a key the key is empty."""

    kind = KeyKind.WORKFLOW

    def __init__(self, workflow: Workflow, *, params: JSONObject, by: Actor) -> None:
        self.name, self.params = workflow.name, params
        self._workflow, self._by = workflow, by
        self.metadata: JSONObject = {}
        self.waited_until: datetime | None = None

    @cached_property
    def wish(self) -> RunWish:
        """What a new run is to be; raises what forbids one."""
        return RunWish(
            version=gates.active_version_of(self._workflow),
            params=self.params,
            by=self._by,
            key=self.key or None,
            metadata=self.metadata,
            waited_until=self.waited_until,
        )

    def held_by(self, record: IdempotencyRecord) -> Run:
        """The run of the key."""
        run = Run.objects.by_id(record.holder_id)
        if run is None:
            raise LookupError(f"The run {record.shown_holder} was there and is gone.")
        return run

    def standing(self, held: Run) -> Standing:
        """How it stands; its outcome is unknown if that of a step is."""
        has_failed = held.status in (RunStatus.FAILED, RunStatus.CANCELLED)
        return Standing(
            shown_id=held.shown_id,
            status=held.status,
            has_ended=held.has_ended,
            has_failed=has_failed,
            is_unknown=has_failed and Step.objects.unknown_of(held.id).exists(),
        )

    def differences(self, held: Run) -> list[str]:
        """Where they differ once both have the defaults with which the run began."""
        own = plans.of(held.version_id).definition.params_schema
        sent = schema.with_defaults(own, self.params)
        schemas = [masking.marking(own, scope.hidden_params_of(held))]
        if self._workflow.active is not None:
            schemas.append(plans.of(self._workflow.active.id).definition.params_schema)
        return masking.differences(scope.kept_params_of(held), sent, schemas=schemas)

    def note(self, held: Run, event: EventType, facts: JSONObject) -> None:
        """Write into its log."""
        log.append(held.id, RunEventType(event), by=self._by, facts=facts)

    def repeat(self, held: Run) -> Run:
        """Have its end told if the caller waits for that."""
        if self.waited_until is not None:
            expect(run_id=held.id, until=self.waited_until)
        return Run.objects.get(id=held.id)

    def check_new(self) -> None:
        """Refuse it where the workflow or its params forbid it."""
        check(self.wish)

    def store(self, identity: UUID, *, generation: int, following: Run | None) -> Run:
        """Make it and begin it."""
        return launch(self.wish.under_key(identity, generation=generation, following=following))
