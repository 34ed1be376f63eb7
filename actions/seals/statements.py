"""What is hashed, in which order: the one definition that sealing and verifying share.

Floor 4. A row's digest is the first 16 bytes of the SHA-256 of all its columns, written as JSON in
the order that is given here, times as microseconds. An entry is the row's key (8 bytes) and that
digest; a leaf is the entries of one execution in one hour, by key.

Runs live upstairs, so their log is sealed because somebody says so, with `seal_also`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from actions.ids import PREFIX_EXECUTION, show
from actions.models import AuditEvent, ExecutionEvent

KEY_SIZE, DIGEST_SIZE = 8, 16
ENTRY_SIZE = KEY_SIZE + DIGEST_SIZE


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A table whose rows are sealed.

    `subject` is the id under which its rows are gathered, `key` tells the rows of one subject apart
    and `moment` is when the database stored a row. People know what is gathered there as
    `subject_name`, and one of its rows as `row_name`, with its type where it still has one.
    """

    name: str
    table: str
    subject: str
    key: str
    moment: str
    columns: tuple[str, ...]
    times: frozenset[str]
    subject_name: Callable[[UUID], str]
    row_name: Callable[[UUID, int], str]

    @property
    def leaves(self) -> str:
        """Selects (execution_id, entries) of the rows stored from `since` to before `until`."""
        return f"""
            SELECT {self.subject} AS execution_id,
                string_agg(int8send({self.key}) || substring(
                    sha256(convert_to(json_build_array({self._content})::text, 'UTF8'))
                    FROM 1 FOR {DIGEST_SIZE}), ''::bytea ORDER BY {self.key}) AS entries
            FROM {self.table}
            WHERE {self.moment} >= %(since)s::timestamptz AND {self.moment} < %(until)s::timestamptz
            GROUP BY 1
        """

    @property
    def _content(self) -> str:
        return ", ".join(
            _microseconds(column) if column in self.times else column for column in self.columns
        )


def _microseconds(moment: str) -> str:
    return f"(extract(epoch FROM {moment}) * 1000000)::bigint"


def typed(name: str, kind: str | None) -> str:
    """A row's name with its type, if it has one."""
    return f"{name} ({kind})" if kind else name


def _execution(identity: UUID) -> str:
    return show(PREFIX_EXECUTION, identity)


def _event(identity: UUID, seq: int) -> str:
    found = ExecutionEvent.objects.numbered(identity, seq)
    return typed(f"{_execution(identity)} event {seq}", found.type if found else None)


def _line(identity: UUID, key: int) -> str:
    attempt, number = divmod(key, 1 << 32)
    return f"{_execution(identity)} line {number} of attempt {attempt}"


def _audit_event(_: UUID, number: int) -> str:
    found = AuditEvent.objects.numbered(number)
    return typed(f"Audit event {number}", found.verb if found else None)


EVENTS = Source(
    name="events",
    table="actions_executionevent",
    subject="execution_id",
    key="seq::bigint",
    moment="at",
    columns=(
        *("execution_id", "seq", "type", "at", "actor_kind", "actor_id", "actor_label"),
        *("attempt", "worker_label", "request_id", "data"),
    ),
    times=frozenset({"at"}),
    subject_name=_execution,
    row_name=_event,
)
LINES = Source(
    name="lines",
    table="actions_logline",
    subject="execution_id",
    key="((attempt::bigint << 32) | number)",
    moment="stored_at",
    columns=(
        *("execution_id", "attempt", "number", "at", "level", "message", "fields", "stored_at"),
    ),
    times=frozenset({"at", "stored_at"}),
    subject_name=_execution,
    row_name=_line,
)
AUDIT = Source(
    name="audit",
    table="actions_auditevent",
    subject="'00000000-0000-0000-0000-000000000000'::uuid",
    key="id",
    moment="at",
    columns=(
        *("id", "at", "actor_kind", "actor_id", "actor_label", "request_id", "verb"),
        *("object_kind", "object_id", "object_label", "data"),
    ),
    times=frozenset({"at"}),
    subject_name=lambda _: "The audit log",
    row_name=_audit_event,
)
FIRST_SOURCES = (EVENTS, LINES, AUDIT)
_more: list[Source] = []


def seal_also(source: Source) -> None:
    """Seal the rows of this table too, from now on; its name is its for ever."""
    _more.append(source)


def sources() -> tuple[Source, ...]:
    """All that is sealed."""
    return (*FIRST_SOURCES, *_more)


# Over the columns of `seal` and the leaves of its hour: each leaf's digest in order, after all else
# that the seal says. The number at the front is that of the form: the first knew three sources, the
# second names those that came later. Whatever else is added one day needs another number.
DIGEST = f"""
    sha256(convert_to((CASE WHEN seal.more_counts = '{{}}' THEN
            json_build_array(1, {_microseconds("seal.hour")}, seal.event_count, seal.line_count,
                seal.audit_count, {_microseconds("seal.sealed_at")})
        ELSE
            json_build_array(2, {_microseconds("seal.hour")}, seal.event_count, seal.line_count,
                seal.audit_count, seal.more_counts, {_microseconds("seal.sealed_at")})
        END)::text, 'UTF8')
        || seal.previous_digest
        || coalesce((
            SELECT string_agg(sha256(convert_to(leaf.source || ' ' || leaf.execution_id, 'UTF8')
                || leaf.entries), ''::bytea ORDER BY leaf.source COLLATE "C", leaf.execution_id)
            FROM actions_sealleaf AS leaf WHERE leaf.hour = seal.hour), ''::bytea))
"""
