"""Let executions through the limits of their actions, and call the next ones when there is room.

Floor 4. Each limit is a counter row. Whoever is refused leaves the order of turns, marked with the
limit that blocks it, so that nobody looks at it again before there is room. A claim never waits for
a counter that somebody else has locked, and a settlement locks them in the order of their names:
so nobody ever waits in a circle.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db import connection, transaction

from actions import limits
from actions.executions import terms, wake
from actions.limits import Limit

BLOCKS_SOMEBODY = """EXISTS (
    SELECT FROM actions_execution
    WHERE status IN ('queued', 'retrying') AND blocked_on <> '' AND blocked_on = kept.name
)"""
_ADD = """
INSERT INTO actions_limit (name, allowed, seconds, taken) VALUES (%s, %s, %s, 0)
ON CONFLICT (name) DO NOTHING
"""
_LOOK = """
SELECT name, taken, greatest(0, extract(epoch FROM free_at - clock_timestamp()))::float8
FROM actions_limit WHERE name = ANY(%s) ORDER BY name FOR UPDATE SKIP LOCKED
"""
_STORE = """
UPDATE actions_limit AS kept SET
    taken = seen.taken, allowed = seen.allowed, seconds = seen.seconds,
    free_at = CASE WHEN seen.seconds IS NULL THEN NULL
                   ELSE clock_timestamp() + make_interval(secs => seen.ahead) END,
    wakes_at = coalesce(clock_timestamp() + make_interval(secs => seen.wakes), kept.wakes_at)
FROM unnest(%s::text[], %s::int[], %s::int[], %s::float8[], %s::float8[], %s::float8[])
    AS seen (name, taken, allowed, seconds, ahead, wakes)
WHERE kept.name = seen.name
"""
_BLOCK = """
UPDATE actions_execution AS execution SET blocked_on = refused.name, revision = revision + 1
FROM unnest(%s::uuid[], %s::text[]) AS refused (id, name) WHERE execution.id = refused.id
"""
LOCK = "SELECT 1 FROM actions_limit WHERE name = ANY(%s) ORDER BY name FOR UPDATE"
_RELEASE = """
UPDATE actions_limit AS kept SET taken = greatest(0, taken - given.count)
FROM unnest(%s::text[], %s::int[]) AS given (name, count)
WHERE kept.name = given.name
"""
# Whoever waits for the pace is looked at again at once.
_UNUSE = """
UPDATE actions_limit AS kept SET
    free_at = free_at - make_interval(secs => given.count * seconds / allowed),
    wakes_at = CASE WHEN wakes_at IS NOT NULL THEN clock_timestamp() END
FROM unnest(%s::text[], %s::int[]) AS given (name, count)
WHERE kept.name = given.name AND kept.seconds IS NOT NULL
"""
# A statement of its own: it must see those that were blocked while the counters were awaited.
_CALL_NEXT = """
UPDATE actions_execution AS execution SET blocked_on = '', revision = revision + 1
FROM unnest(%s::text[], %s::int[]) AS free (name, count) CROSS JOIN LATERAL (
    SELECT id FROM actions_execution
    WHERE status IN ('queued', 'retrying') AND blocked_on <> '' AND blocked_on = free.name
    ORDER BY priority DESC, run_at, id LIMIT free.count FOR UPDATE SKIP LOCKED
) AS following
WHERE execution.id = following.id
RETURNING execution.queue, execution.is_concurrent
"""
_ACCRUED = """
SELECT name, allowed, seconds, greatest(0, extract(epoch FROM free_at - clock_timestamp()))::float8
FROM actions_limit WHERE wakes_at <= statement_timestamp() ORDER BY name FOR UPDATE SKIP LOCKED
"""
_LOOK_LATER = f"""
UPDATE actions_limit AS kept SET wakes_at = CASE
    WHEN {BLOCKS_SOMEBODY} THEN clock_timestamp() + make_interval(secs => later.seconds) END
FROM unnest(%s::text[], %s::float8[]) AS later (name, seconds) WHERE kept.name = later.name
"""
_ROUNDING = 1e-6


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """A due execution with limits, locked by the caller; `is_quick` as all before it."""

    id: UUID
    version_id: int
    names: Sequence[str]
    is_quick: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """Who may begin; `is_contested` if a counter was locked and its candidates were passed over."""

    admitted: list[UUID]
    is_contested: bool


@dataclass(kw_only=True, slots=True)
class _Counter:
    """What is left under one name, while candidates are let through."""

    limit: Limit
    taken: int
    ahead: float
    wakes: float | None = None

    @property
    def seconds_to_room(self) -> float:
        """0 if one more may begin."""
        if self.limit.kind == "concurrency":
            return 0.0 if self.taken < self.limit.allowed else float("inf")
        late = self.ahead + self.limit.interval - self.limit.burst_seconds
        return late if late > _ROUNDING else 0.0

    def take(self) -> None:
        """Let one through."""
        if self.limit.kind == "concurrency":
            self.taken += 1
        else:
            self.ahead += self.limit.interval


@dataclass(kw_only=True, slots=True)
class _Sorted:
    admitted: list[UUID] = field(default_factory=list)
    refused: dict[UUID, str] = field(default_factory=dict)
    is_contested: bool = False
    # Names under which somebody was refused for another name's sake, while they have room.
    passed_on: set[str] = field(default_factory=set)


def admit(candidates: Sequence[Candidate]) -> Verdict:
    """Let through as many as their limits allow, in order; the refused ones are marked.

    Runs in the transaction of the claim. One that is not quick is let through alone.
    """
    counters = _lock_counters(candidates)
    done = _Sorted()
    for one in candidates:
        if done.admitted and not one.is_quick:
            break
        _pass_through(one, counters, done)
    _write(counters, done)
    call_next(dict.fromkeys(done.passed_on, 1))
    return Verdict(admitted=done.admitted, is_contested=done.is_contested)


def release(limited: Iterable[Sequence[str]], *, unused: Iterable[Sequence[str]] = ()) -> None:
    """Give back the places of attempts that have ended, and call whoever is next.

    `unused` are the limits of those among them that never began: others may use their part of the
    rates too.
    """
    given = Counter(name for names in limited for name in names if limits.is_given_back(name))
    paces = Counter(name for names in unused for name in names if not limits.is_given_back(name))
    if not given and not paces:
        return
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [[*given, *paces]])
        if paces:
            cursor.execute(_UNUSE, [list(paces), list(paces.values())])
        cursor.execute(_RELEASE, [list(given), list(given.values())])
    call_next(given)


def free_accrued() -> None:
    """Call as many as the rates allow by now, of those that they block."""
    room, later = {}, {}
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.execute(_ACCRUED)
        for name, allowed, seconds, ahead in cursor.fetchall():
            limit = Limit(kind="rate", allowed=allowed, seconds=seconds)
            room[name] = max(1, int((limit.burst_seconds - ahead + _ROUNDING) / limit.interval))
            later[name] = limit.burst_seconds
        call_next(room)
        cursor.execute(_LOOK_LATER, [list(later), list(later.values())])


def _lock_counters(candidates: Sequence[Candidate]) -> dict[str, _Counter]:
    wanted = {
        name: limit
        for one in candidates
        for name, limit in zip(one.names, terms.limits_of(one.version_id, one.names), strict=True)
    }
    with connection.cursor() as cursor:
        cursor.execute(_LOOK, [list(wanted)])
        seen = {name: (taken, ahead) for name, taken, ahead in cursor.fetchall()}
        missing = [
            (name, limit.allowed, limit.seconds)
            for name, limit in wanted.items()
            if name not in seen
        ]
        if missing:
            cursor.executemany(_ADD, sorted(missing))
            cursor.execute(_LOOK, [[name for name, _, _ in missing]])
            seen |= {name: (taken, ahead) for name, taken, ahead in cursor.fetchall()}
    return {
        name: _Counter(limit=wanted[name], taken=taken, ahead=ahead or 0.0)
        for name, (taken, ahead) in seen.items()
    }


def _pass_through(one: Candidate, counters: dict[str, _Counter], done: _Sorted) -> None:
    if any(name not in counters for name in one.names):
        done.is_contested = True
        return
    for name in one.names:
        counter = counters[name]
        if (seconds := counter.seconds_to_room) > 0:
            done.refused[one.id] = name
            done.passed_on.update(one for one in one.names if counters[one].seconds_to_room == 0)
            if counter.limit.kind == "rate":
                counter.wakes = min(counter.wakes or seconds, seconds)
            return
    for name in one.names:
        counters[name].take()
    done.admitted.append(one.id)


def _write(counters: dict[str, _Counter], done: _Sorted) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            _STORE,
            [
                list(counters),
                [counter.taken for counter in counters.values()],
                [counter.limit.allowed for counter in counters.values()],
                [counter.limit.seconds for counter in counters.values()],
                [counter.ahead for counter in counters.values()],
                [counter.wakes for counter in counters.values()],
            ],
        )
        if done.refused:
            cursor.execute(_BLOCK, [list(done.refused), list(done.refused.values())])


def call_next(room: Mapping[str, int]) -> None:
    """Call so many of those that each of these names blocks; they are in the order of turns again."""
    if not room:
        return
    with connection.cursor() as cursor:
        cursor.execute(_CALL_NEXT, [list(room), list(room.values())])
        called = set(cursor.fetchall())
    for queue, is_concurrent in called:
        wake.worker_after_commit(queue, is_concurrent=is_concurrent)
