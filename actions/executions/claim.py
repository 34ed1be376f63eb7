"""Take executions that are due, for one attempt each.

Floor 4. One statement claims, counts the attempt, writes that it has begun and that the worker is
busy; it is committed before any body runs, so a death always counts as an attempt. SKIP LOCKED lets
workers claim side by side without waiting for one another.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import takewhile
from time import monotonic
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from actions import faults
from actions.executions import admission, damaged, statements, steady, turns
from actions.executions.admission import Candidate
from actions.ids import PREFIX_EXECUTION, show
from actions.jsontypes import JSONObject
from actions.masking import REFERENCE

# A group is what one transaction settles: short executions share a commit, any other is alone.
GROUP_LIMIT = 64
# How often in a row to look further when all that is due turns out to be limited.
_LOOKS = 16

_COLUMNS = """
    id, attempt_count, max_attempts, crash_count, action_name, version_id, params::text,
    params_sealed, downstream_key, trace_id, started_at, extract(epoch FROM clock_timestamp() - first_started_at)::float8,
    loss_count >= 2, run_id, overrides::text
"""

_TAKE = (
    """, ranked AS (
    SELECT due.*,
        row_number() OVER in_order AS place,
        bool_and(action_name = ANY(%(quick)s::text[]) AND loss_count = 0) OVER in_order
            AS all_quick,
        bool_and(limits = '{}') OVER in_order AS all_free
    FROM due
    WINDOW in_order AS (ORDER BY level, run_at, id)
), claimed AS (
    UPDATE actions_execution AS execution SET
        status = 'running', worker_id = %(worker)s,
        attempt_count = execution.attempt_count + 1,
        started_at = clock_timestamp(),
        first_started_at = coalesce(execution.first_started_at, clock_timestamp()),
        event_count = execution.event_count + 1, revision = execution.revision + 1
    FROM ranked
    WHERE execution.id = ranked.id AND ranked.all_free AND (ranked.place = 1 OR ranked.all_quick)
      AND EXISTS (SELECT FROM actions_worker WHERE id = %(worker)s AND state = 'alive')
    RETURNING execution.*
), busy AS (
    UPDATE actions_worker SET idle_since = NULL
    WHERE id = %(worker)s AND NOT %(is_concurrent)s AND idle_since IS NOT NULL
      AND EXISTS (SELECT FROM claimed)
), tried AS (
    INSERT INTO actions_attempt
        (execution_id, number, outcome, worker_id, worker_label, started_at, decision)
    SELECT id, attempt_count, 'running', %(worker)s, %(label)s::text, started_at, '' FROM claimed
), logged AS (
    INSERT INTO actions_executionevent
        (execution_id, seq, type, at, actor_kind, actor_id, actor_label, attempt,
         worker_label, request_id, data)
    SELECT id, event_count, 'attempt_started', started_at, 'system', '', %(label)s::text,
        attempt_count, %(label)s::text, '', '{}'::jsonb FROM claimed
)
SELECT ranked.id, ranked.version_id, ranked.limits, ranked.all_quick, around.*, claimed.*
FROM (SELECT
        EXISTS (SELECT FROM actions_limit WHERE wakes_at <= statement_timestamp()) AS has_accrued,
        EXISTS (SELECT FROM actions_execution WHERE {suspect}
                AND is_concurrent = %(is_concurrent)s AND run_at <= statement_timestamp()
                AND {can_run}
                AND (cardinality(%(queues)s::text[]) = 0 OR queue = ANY(%(queues)s::text[]))
        ) AS has_suspects) AS around
LEFT JOIN ranked ON true
LEFT JOIN LATERAL (SELECT {columns} FROM claimed WHERE claimed.id = ranked.id) AS claimed ON true
ORDER BY ranked.place
""".replace("{columns}", _COLUMNS)
    .replace("{suspect}", turns.SUSPECT)
    .replace("{can_run}", turns.CAN_RUN)
)

_CLAIM = turns.DUE + _TAKE
_CLAIM_SUSPECT = turns.DUE_SUSPECT + _TAKE
_CLAIM_GIVEN = turns.DUE_GIVEN + _TAKE

_HELD = """
SELECT {columns} FROM actions_execution
WHERE status = 'running' AND worker_id = %s AND is_concurrent = %s ORDER BY started_at, id
""".replace("{columns}", _COLUMNS)


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """One execution taken for one attempt; attempt and worker together are the fence.

    `age_seconds` is the time since the first attempt began, when this was read.
    """

    id: UUID
    attempt: int
    max_attempts: int
    crash_count: int
    action: str
    version_id: int
    # As they are stored: secrets are masked here and sealed beside it.
    params: JSONObject
    params_sealed: bytes | None
    downstream_key: str
    trace_id: str
    started_at: datetime
    age_seconds: float
    # Its workers have died so often that it may be what kills them.
    is_suspect: bool = False
    # Its params may have a reference to a secret.
    may_refer: bool = True
    # The run that it is a step of, and what the step says instead of the action.
    run_id: UUID | None = None
    overrides: dict[str, Any] | None = None
    # Of the monotonic clock.
    read_at: float = field(default_factory=monotonic)

    @property
    def shown_id(self) -> str:
        """The execution's id as people see it."""
        return show(PREFIX_EXECUTION, self.id)


@dataclass(frozen=True, kw_only=True, slots=True)
class Claimant:
    """One lane of a worker: its row, and which work it takes.

    `actions` are those whose code it has; `queues` those that it serves, empty for all. A
    concurrent lane takes coroutines only, the other lane all the rest.
    """

    worker_id: int
    label: str
    actions: tuple[str, ...]
    queues: tuple[str, ...] = ()
    is_concurrent: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """A claimed group, empty if nothing is due.

    `more_wait` says that more is due than was taken, `suspects_wait` that something is due which
    keeps losing its workers, and is claimed by `claim_suspect` only.
    """

    group: list[Claim]
    more_wait: bool = False
    suspects_wait: bool = False


def claim(claimant: Claimant, *, quick: Collection[str], limit: int | None = None) -> Taken:
    """Claim what is due: one execution, or a group of quick ones.

    `quick` names the actions of which several may be taken at once, up to `limit` in all. The
    order is that of `turns`. It happens in the caller's transaction; if there is none, then one
    statement is enough for what has no limits, and another claim begins where there are some, and
    what cannot be claimed, because its record contradicts itself, is set aside.
    """
    asked = _asked(claimant, quick=quick, limit=limit or (GROUP_LIMIT if quick else 2))
    if connection.in_atomic_block:
        steady.steady()
        return _through_limits(claimant, asked)
    return damaged.setting_aside(lambda: _claim_by_itself(claimant, asked))


def _claim_by_itself(claimant: Claimant, asked: dict[str, Any]) -> Taken:
    seen = statements.run(_CLAIM, asked)
    taken = _taken(seen, limit=asked["limit"])
    if taken.group or not _limited(seen):
        return taken
    with transaction.atomic():
        taken = _through_limits(claimant, asked)
        faults.reach("claim.before-commit")
    return taken


def _through_limits(claimant: Claimant, asked: dict[str, Any]) -> Taken:
    """Claim in the open transaction, letting those that have limits through them."""
    for _ in range(_LOOKS):
        seen = statements.run(_CLAIM, asked)
        taken = _taken(seen, limit=asked["limit"])
        limited = [] if taken.group else _limited(seen)
        if not limited:
            return taken
        verdict = admission.admit(limited)
        if verdict.admitted:
            return _given(claimant, verdict.admitted, quick=asked["quick"])
        asked["unlimited_only"] = verdict.is_contested
    return Taken(group=[], more_wait=True)


def claim_suspect(claimant: Claimant, *, patience: float, longest: float) -> list[Claim]:
    """Claim one execution that keeps losing its workers, if it is due since `patience` seconds.

    One that has been blamed more often goes first, but keeps nobody waiting beyond `longest`.
    """
    asked = _asked(claimant, quick=(), limit=1) | {"patience": patience, "longest": longest}
    return damaged.setting_aside(lambda: _claim_suspect(claimant, asked))


def _claim_suspect(claimant: Claimant, asked: dict[str, Any]) -> list[Claim]:
    with transaction.atomic(savepoint=False):
        steady.steady()
        seen = statements.run(_CLAIM_SUSPECT, asked)
        limited = _limited(seen)
        if limited:
            admitted = admission.admit(limited).admitted
            return _given(claimant, admitted, quick=()).group if admitted else []
        return _taken(seen, limit=1).group


def held(claimant: Claimant) -> list[Claim]:
    """What the rows say that this lane holds.

    After a commit whose answer was lost this is the truth, and memory is a guess.
    """
    with connection.cursor() as cursor:
        cursor.execute(_HELD, [claimant.worker_id, claimant.is_concurrent])
        return [_read(row) for row in cursor.fetchall()]


def _asked(claimant: Claimant, *, quick: Collection[str], limit: int) -> dict[str, Any]:
    return {
        "actions": list(claimant.actions),
        "queues": list(claimant.queues),
        "quick": list(quick),
        "limit": limit,
        "is_concurrent": claimant.is_concurrent,
        "worker": claimant.worker_id,
        "label": claimant.label,
        "unlimited_only": False,
    }


def _given(claimant: Claimant, admitted: Sequence[UUID], *, quick: Collection[str]) -> Taken:
    asked = _asked(claimant, quick=quick, limit=len(admitted)) | {"given": list(admitted)}
    return _taken(statements.run(_CLAIM_GIVEN, asked), limit=0)


# The columns of _TAKE before those of the claim.
_ID, _VERSION, _LIMITS, _IS_QUICK, _HAS_ACCRUED, _HAS_SUSPECTS, _CLAIM_STARTS = range(7)


def _taken(seen: list[tuple[Any, ...]], *, limit: int) -> Taken:
    if seen[0][_HAS_ACCRUED]:
        admission.free_accrued()
    group = [_read(row[_CLAIM_STARTS:]) for row in seen if row[_CLAIM_STARTS] is not None]
    due_count = sum(row[_ID] is not None for row in seen)
    return Taken(
        group=group,
        more_wait=due_count > len(group) or due_count == limit or seen[0][_HAS_ACCRUED],
        suspects_wait=seen[0][_HAS_SUSPECTS],
    )


def _limited(seen: list[tuple[Any, ...]]) -> list[Candidate]:
    """Those at the head of the order that have limits."""
    head = takewhile(lambda row: bool(row[_LIMITS]), seen)
    return [
        Candidate(
            id=row[_ID], version_id=row[_VERSION], names=row[_LIMITS], is_quick=row[_IS_QUICK]
        )
        for row in head
    ]


# The columns of _COLUMNS, as a claim calls them.
_NAMES = (
    *("id", "attempt", "max_attempts", "crash_count", "action", "version_id", "params"),
    *("params_sealed", "downstream_key", "trace_id", "started_at", "age_seconds"),
    *("is_suspect", "run_id", "overrides"),
)


def _read(row: tuple[Any, ...]) -> Claim:
    values = dict(zip(_NAMES, row, strict=True))
    text, own = str(values["params"]), values["overrides"]
    values |= {"params": json.loads(text), "overrides": json.loads(own) if own else None}
    return Claim(**values, may_refer=REFERENCE in text)
