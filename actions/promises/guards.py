"""The promise that the log guards itself, as SQL: its triggers are there and switched on.

Floor 4. A partition has its own trigger against TRUNCATE, since that of the whole table does not
stand for it.
"""

from collections.abc import Sequence

from actions.promises.statements import Promise

_UNGUARDED = """
    SELECT part.relid::regclass, format('lacks %s, or has it switched off', wanted.name)
    FROM unnest(ARRAY[{tables}]::regclass[]) AS guarded (relid)
    CROSS JOIN LATERAL (
        SELECT guarded.relid UNION SELECT relid FROM pg_partition_tree(guarded.relid)
    ) AS part
    CROSS JOIN (VALUES ('log_is_append_only'), ('log_is_not_truncated')) AS wanted (name)
    WHERE NOT EXISTS (
        SELECT FROM pg_trigger
        WHERE tgrelid = part.relid AND tgname = wanted.name AND tgenabled IN ('O', 'A'))
"""


def guarded(name: str, *, sentence: str, tables: Sequence[str]) -> Promise:
    """The promise that these tables and all their partitions refuse UPDATE, DELETE and TRUNCATE."""
    listed = ", ".join(f"'{table}'" for table in tables)
    return Promise(name=name, sentence=sentence, statement=_UNGUARDED.replace("{tables}", listed))


PROMISES = (
    guarded(
        "the-log-is-guarded",
        sentence="Each table of the log and each partition refuses to be changed and emptied.",
        tables=(
            *("actions_executionevent", "actions_logline", "actions_auditevent"),
            *("actions_seal", "actions_sealleaf"),
        ),
    ),
)
