"""What is sealed of runs: their log.

Floor 4. Seals of hours before this was added do not have it; the first one that has it takes all that
came before.
"""

from uuid import UUID

from actions.ids import PREFIX_RUN, show
from actions.seals import Source, typed
from workflows.models import RunEvent


def _run(identity: UUID) -> str:
    return show(PREFIX_RUN, identity)


def _event(identity: UUID, seq: int) -> str:
    found = RunEvent.objects.numbered(identity, seq)
    return typed(f"{_run(identity)} event {seq}", found.type if found else None)


RUN_EVENTS = Source(
    name="runs",
    table="workflows_runevent",
    subject="run_id",
    key="seq::bigint",
    moment="at",
    columns=(
        *("run_id", "seq", "type", "at", "step", "actor_kind", "actor_id", "actor_label"),
        *("request_id", "data"),
    ),
    times=frozenset({"at"}),
    subject_name=_run,
    row_name=_event,
)
