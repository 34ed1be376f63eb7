"""Store an accepted request: the execution and its first two events, in one statement.

Floor 4. One statement is one round trip, and by itself a transaction.
"""

from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connection, models, transaction

from actions import faults, masking, vault
from actions.actors import Actor
from actions.executions import digests, statements, terms, wake
from actions.executions.catalogue import Outdated
from actions.executions.wish import Wish
from actions.ids import PREFIX_EXECUTION, PREFIX_RUN, new_id, show
from actions.jsontypes import JSONObject
from actions.models import Execution
from actions.states import ExecutionStatus

_FIRST_EVENTS = 2
_JSON: "models.JSONField[object, object]" = models.JSONField()

_STORE = """
WITH accepted AS (
    INSERT INTO actions_execution ({columns}) SELECT {places}
    WHERE NOT %s OR EXISTS (SELECT FROM actions_action
                            WHERE id = %s AND current_id = %s AND is_enabled)
    RETURNING id, queued_at, run_at, actor_kind, actor_id, actor_label, request_id
), logged AS (
    INSERT INTO actions_executionevent
        (execution_id, seq, type, at, actor_kind, actor_id, actor_label, attempt,
         worker_label, request_id, data)
    SELECT accepted.id, first.seq, first.type, accepted.queued_at, actor_kind, actor_id,
        actor_label, NULL, '', request_id, first.facts
    FROM accepted, (VALUES (1, 'accepted', %s::jsonb), (2, 'queued', '{{}}'::jsonb))
        AS first (seq, type, facts)
)
SELECT queued_at, run_at FROM accepted
"""


_STORING_MANY = """
asked AS (
    SELECT one ->> 'run_at' AS due_at, one -> 'facts' AS facts, made.*
    FROM jsonb_array_elements(%s::jsonb) AS one,
        jsonb_populate_record(NULL::actions_execution, one -> 'row') AS made
), accepted AS (
    INSERT INTO actions_execution ({columns}, run_at)
    SELECT {values}, coalesce(asked.due_at::timestamptz, clock_timestamp()) FROM asked
    RETURNING id, queued_at, actor_kind, actor_id, actor_label, request_id
), logged AS (
    INSERT INTO actions_executionevent
        (execution_id, seq, type, at, actor_kind, actor_id, actor_label, attempt,
         worker_label, request_id, data)
    SELECT accepted.id, first.seq, first.type, accepted.queued_at, accepted.actor_kind,
        accepted.actor_id, accepted.actor_label, NULL, '', accepted.request_id,
        CASE first.seq WHEN 1 THEN asked.facts ELSE '{{}}'::jsonb END
    FROM accepted JOIN asked USING (id),
        (VALUES (1, 'accepted'), (2, 'queued')) AS first (seq, type)
)
"""


def store(
    wish: Wish,
    *,
    generation: int,
    identity: UUID | None = None,
    retry_of: Execution | None = None,
) -> Execution:
    """Insert the execution of a wish, in the caller's transaction if there is one; wake a worker.

    The wake-up follows the commit. Raises Outdated if what is remembered of its action has changed.
    """
    execution = _row(wish, identity=identity or new_id())
    execution.key_generation = generation
    execution.retry_of = retry_of
    _insert(execution, facts=_why(wish, retry_of), is_recalled=wish.is_recalled)
    code = None if execution.is_declared else execution.action_name
    wake.worker_after_commit(execution.queue, is_concurrent=execution.is_concurrent, code=code)
    transaction.on_commit(partial(faults.reach, "submit.after-commit"))
    faults.reach("submit.before-commit")
    return execution


def asked_for(wishes: Sequence[Wish]) -> tuple[list[Execution], list[dict[str, Any]]]:
    """The executions of steps, and what `storing_many` stores of them.

    Their params have been checked. Whom to wake is the caller's to know.
    """
    rows = [_row(wish, identity=new_id()) for wish in wishes]
    asked: list[dict[str, Any]] = [
        {
            "row": {
                field.column: statements.in_json(getattr(row, field.attname))
                for field in _columns()
            },
            "run_at": statements.in_json(wish.run_at),
            "facts": _why(wish, None),
        }
        for row, wish in zip(rows, wishes, strict=True)
    ]
    return rows, asked


def _insert(execution: Execution, *, facts: JSONObject, is_recalled: bool) -> None:
    values = [
        _JSON.get_db_prep_save(getattr(execution, name), connection)
        if is_json
        else getattr(execution, name)
        for name, is_json in _attributes()
    ]
    checked = (is_recalled, execution.action_id, execution.version_id)
    written = _JSON.get_db_prep_save(facts, connection)
    stored = statements.run(_statement(), [*values, *checked, written])
    if not stored:
        raise Outdated
    execution.queued_at, execution.run_at = stored[0]


@cache
def _attributes() -> tuple[tuple[str, bool], ...]:
    """The names of the columns' values in memory, and whether the driver must be told of JSON."""
    return tuple((one.attname, isinstance(one, models.JSONField)) for one in _columns())


@cache
def _columns() -> tuple["models.Field[object, object]", ...]:
    """What the row says; the database's clock fills in the moments."""
    by_the_database = ("queued_at", "run_at")
    fields = Execution._meta.concrete_fields  # Django documents _meta
    return tuple(field for field in fields if field.name not in by_the_database)


@cache
def storing_many() -> str:
    """Parts of a statement with WITH, whose first parameter is a list from `asked_for`, as JSON."""
    columns = [f'"{field.column}"' for field in _columns()]
    return _STORING_MANY.format(
        columns=", ".join(columns), values=", ".join(f"asked.{column}" for column in columns)
    )


@cache
def _statement() -> str:
    columns = ", ".join(f'"{field.column}"' for field in _columns())
    return _STORE.format(columns=columns, places=", ".join(["%s"] * len(_columns())))


def _why(wish: Wish, retry_of: Execution | None) -> JSONObject:
    facts: JSONObject = {"version": wish.version.number}
    if wish.step is not None:
        facts["run"] = show(PREFIX_RUN, wish.step.run_id)
    if wish.rerun_of is not None:
        facts["rerun_of"] = wish.rerun_of.shown_id
    if retry_of is not None:
        facts["retry_of"] = retry_of.shown_id
    return facts


def _row(wish: Wish, *, identity: UUID) -> Execution:
    version, params = wish.version, wish.split
    execution = _new(
        id=identity,
        action_id=wish.action.id,
        version_id=version.id,
        action_name=wish.action.name,
        status=ExecutionStatus.QUEUED,
        queue=version.queue,
        priority=_priority(wish),
        limits=_limits(wish),
        is_concurrent=version.is_concurrent,
        is_declared=version.definition is not None,
        max_attempts=_max_attempts(wish),
        params=params.shown,
        params_sealed=vault.sealed_parts(params.hidden, of=vault.PARAMS, execution_id=identity),
        metadata=masking.masked(wish.metadata or {}),
        terms=masking.search_terms(params.shown),
        idempotency_key=wish.key,
        **_asked_by(wish.by),
        rerun_of_id=wish.rerun_of and wish.rerun_of.id,
        run_id=wish.step.run_id if wish.step else None,
        step_id=wish.step.step_id if wish.step else None,
        overrides=(wish.step.overrides or None) if wish.step else None,
        waited_until=wish.waited_until,
        event_count=_FIRST_EVENTS,
        downstream_key=wish.downstream_key or show(PREFIX_EXECUTION, identity),
    )
    execution.action, execution.version = wish.action, version
    return execution


def _new(**values: object) -> Execution:
    """A row in memory, of columns and their values, as if it had been read from the database.

    Django's constructor walks through every field with its name.
    """
    made = [values.pop(name) if name in values else default() for name, default in _defaults()]
    if values:
        raise TypeError(f"An execution has no {', '.join(values)}.")
    return Execution.from_db(DEFAULT_DB_ALIAS, [name for name, _ in _defaults()], made)


@cache
def _defaults() -> list[tuple[str, Callable[[], object]]]:
    fields = Execution._meta.concrete_fields  # Django documents _meta
    return [(field.attname, field.get_default) for field in fields]


def _priority(wish: Wish) -> int:
    own = wish.step.priority if wish.step else None
    declared: int = wish.version.priority
    return declared if own is None else own


def _max_attempts(wish: Wish) -> int:
    own = wish.step.overrides.get("retry") if wish.step else None
    most: int = (own or wish.version.retry)["max_attempts"]
    return most


def _limits(wish: Wish) -> list[str]:
    found = terms.limits(wish.version.id)
    own = [wish.step.limit_name] if wish.step and wish.step.limit_name else []
    params = _counted(wish) if any(limit.per for limit in found) else wish.params
    return [*(limit.name_for(wish.action.name, params) for limit in found), *own]


def _counted(wish: Wish) -> JSONObject:
    """The params, with a digest in the place of each that hides something: a name can be read."""
    hidden = {name for part in wish.split.hidden for name in part.path[:1]}
    action, params = wish.action.name, wish.params
    return params | {
        str(name): digests.of_secret(params[str(name)], name=f"{action} {name}") for name in hidden
    }


def _asked_by(actor: Actor) -> dict[str, str]:
    return {
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "actor_label": actor.label,
        "request_id": actor.request_id,
        "trace_id": actor.trace_id,
    }
