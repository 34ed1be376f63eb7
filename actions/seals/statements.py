"""What is hashed, in which order: the one definition that sealing and verifying share.

Floor 4. A row's digest is the first 16 bytes of the SHA-256 of all its columns, written as JSON in
the order that is given here, times as microseconds. An entry is the row's key (8 bytes) and that
digest; a leaf is the entries of one execution in one hour, by key.
"""

from dataclasses import dataclass

KEY_SIZE, DIGEST_SIZE = 8, 16
ENTRY_SIZE = KEY_SIZE + DIGEST_SIZE


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A table whose rows are sealed.

    `subject` is the id under which its rows are gathered, `key` tells the rows of one subject apart
    and `moment` is when the database stored a row.
    """

    name: str
    table: str
    subject: str
    key: str
    moment: str
    columns: tuple[str, ...]
    times: frozenset[str]

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
)
ALL_SOURCES = (EVENTS, LINES, AUDIT)

# Over the columns of `seal` and the leaves of its hour: each leaf's digest in order, after all else
# that the seal says. Whatever is added one day needs another number at the front.
DIGEST = f"""
    sha256(convert_to(json_build_array(1, {_microseconds("seal.hour")}, seal.event_count,
            seal.line_count, seal.audit_count, {_microseconds("seal.sealed_at")})::text, 'UTF8')
        || seal.previous_digest
        || coalesce((
            SELECT string_agg(sha256(convert_to(leaf.source || ' ' || leaf.execution_id, 'UTF8')
                || leaf.entries), ''::bytea ORDER BY leaf.source COLLATE "C", leaf.execution_id)
            FROM actions_sealleaf AS leaf WHERE leaf.hour = seal.hour), ''::bytea))
"""
