"""The log of runs is sealed as that of executions is, also where seals were made before it was."""

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection

from actions import seals
from actions.models import Seal, SealLeaf
from tests.actions.seals.conftest import later, seal_all, tamper, this_hour
from tests.workflows.runs.conftest import echo, stage
from workflows.models import RunEvent
from workflows.seals import RUN_EVENTS

__all__ = ["echo", "stage", "tamper"]

# The digest as it was before the log of runs was sealed: seals of that time keep it for ever.
FIRST_FORM = """
    sha256(convert_to(json_build_array(1, (extract(epoch FROM seal.hour) * 1000000)::bigint,
            seal.event_count, seal.line_count, seal.audit_count,
            (extract(epoch FROM seal.sealed_at) * 1000000)::bigint)::text, 'UTF8')
        || seal.previous_digest
        || coalesce((
            SELECT string_agg(sha256(convert_to(leaf.source || ' ' || leaf.execution_id, 'UTF8')
                || leaf.entries), ''::bytea ORDER BY leaf.source COLLATE "C", leaf.execution_id)
            FROM actions_sealleaf AS leaf WHERE leaf.hour = seal.hour), ''::bytea))
"""


@pytest.fixture
def run(stage, echo):
    """A run that has ended; nothing is sealed yet but what was before it."""
    seals.seal_next(now=this_hour())
    return stage.start({"only": echo("1")})


@pytest.fixture
def make_old(tamper):
    """Make the newest seal one of the first form, as a process of that time would have."""

    def make() -> None:
        hour = Seal.objects.newest().hour
        tamper("DELETE FROM actions_sealleaf WHERE source = 'runs' AND hour = %s", hour)
        tamper("UPDATE actions_seal SET more_counts = '{}' WHERE hour = %s", hour)
        tamper(
            f"UPDATE actions_seal AS seal SET digest = {FIRST_FORM} WHERE hour = %s",  # noqa: S608  # constant
            hour,
        )

    return make


def findings() -> list[str]:
    return seals.verify().findings


def sealed_count() -> int:
    return sum(seal.more_counts.get("runs", 0) for seal in Seal.objects.all())


DONE_TO_IT = {
    "a name in it was changed": (
        "UPDATE workflows_runevent SET actor_label = 'mallory' WHERE seq = 1",
        "{0} event 1 (accepted) is not what was sealed",
    ),
    "an event of it was deleted": (
        "DELETE FROM workflows_runevent WHERE seq = 2",
        "{0} event 2 is missing from",
    ),
    "an event was added": (
        (
            "INSERT INTO workflows_runevent SELECT run_id, 99, 'paused', at, step, actor_kind, "
            "actor_id, actor_label, request_id, data FROM workflows_runevent WHERE seq = 1"
        ),
        "{0} event 99 (paused) was added to what was sealed",
    ),
    "its leaf was deleted": (
        "DELETE FROM actions_sealleaf WHERE source = 'runs'",
        "{0}: leaf and rows differ",
    ),
    "its count was changed": (
        "UPDATE actions_seal SET more_counts = '{\"runs\": 1}' WHERE more_counts <> '{\"runs\": 0}'",
        "or a leaf of it, was changed after it was made",
    ),
    "its seals were said to be without it": (
        "UPDATE actions_seal SET more_counts = '{}'",
        "or a leaf of it, was changed after it was made",
    ),
}


@pytest.mark.parametrize("deed", DONE_TO_IT)
def test_what_was_done_to_the_log_of_a_run_is_found_and_named(run, tamper, deed, capsys):
    seal_all()
    assert findings() == []
    statement, told = DONE_TO_IT[deed]

    tamper(statement)

    with pytest.raises(CommandError, match="findings"):
        call_command("verify_log")
    assert told.format(run.shown_id) in capsys.readouterr().out


def test_seals_count_the_events_of_runs(run):
    seal_all()

    assert sealed_count() == RunEvent.objects.count()
    assert SealLeaf.objects.filter(source="runs").count() == 1


def test_hours_that_were_sealed_before_stay_valid_and_the_next_seal_takes_up_their_runs(
    run, stage, echo, tamper, make_old
):
    tamper("DELETE FROM actions_seal")
    tamper("UPDATE workflows_runevent SET at = at - interval '1 day'")
    tamper("UPDATE actions_executionevent SET at = at - interval '1 day'")
    assert seals.seal_next(now=this_hour()).event_count > 0
    make_old()
    assert (findings(), Seal.objects.newest().more_counts) == ([], {})
    stage.start({"other": echo("2")}, workflow="another")

    seal_all()

    assert findings() == []
    assert sealed_count() == RunEvent.objects.count()
    tamper("UPDATE workflows_runevent SET data = '{}' WHERE run_id = %s AND seq = 1", run.id)
    assert findings()[0].startswith(f"{run.shown_id} event 1 (accepted) is not what was sealed")


def test_what_an_old_process_has_sealed_meanwhile_is_taken_up_once(run, tamper, make_old):
    seals.seal_next(now=later())
    make_old()
    assert findings() == []

    seals.seal_next(now=later(3))

    assert findings() == []
    assert Seal.objects.newest().more_counts == {"runs": RunEvent.objects.count()}


def test_every_column_of_the_log_of_runs_is_sealed():
    columns = {field.column for field in RunEvent._meta.local_concrete_fields}

    assert set(RUN_EVENTS.columns) == columns


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE workflows_runevent SET actor_label = 'mallory'",
        "DELETE FROM workflows_runevent",
        "TRUNCATE workflows_runevent",
    ],
)
def test_the_log_of_a_run_is_refused_to_be_changed(run, statement):
    with pytest.raises(DatabaseError, match="append-only"), connection.cursor() as cursor:
        cursor.execute(statement)
