"""Whoever can change the log in spite of its triggers is found out, and what they did is named."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from actions import seals
from actions.models import AuditEvent, ExecutionEvent, LogLine, Seal, SealLeaf
from actions.seals.statements import FIRST_SOURCES
from tests.actions.seals.conftest import later, seal_all

FIRST = """execution_id = (
    SELECT execution_id FROM actions_executionevent ORDER BY execution_id LIMIT 1)"""
FORGED_EVENT = """
INSERT INTO actions_executionevent
SELECT execution_id, 9, type, at, '', '', '', 1, '', '', '{}'
FROM actions_executionevent WHERE seq = 1 AND <first>
"""
FORGED_LINE = """
INSERT INTO actions_logline
SELECT execution_id, attempt, 7, at, level, 'forged', fields, stored_at
FROM actions_logline WHERE <first>
"""
FORGED_AUDIT = """
INSERT INTO actions_auditevent (id, at, actor_kind, actor_id, actor_label, request_id, verb,
    object_kind, object_id, object_label, data)
SELECT 99, at, actor_kind, actor_id, 'somebody else', request_id, verb, object_kind, object_id,
    object_label, data FROM actions_auditevent WHERE id = 1
"""
SWAPPED_EVENTS = """
UPDATE actions_executionevent AS event SET type = other.type, data = other.data
FROM actions_executionevent AS other
WHERE other.execution_id = event.execution_id AND other.seq = 4 - event.seq
  AND event.seq IN (1, 3) AND event.<first>
"""
CHANGED_BYTE = "UPDATE actions_executionevent SET actor_label = 'testes' WHERE seq = 1 AND <first>"
# What was done, and how it is told; {0} is the execution that it was done to.
TAMPERED = {
    "a byte of an event": (CHANGED_BYTE, "{0} event 1 (accepted) is not what was sealed"),
    "a moment of an event": (
        "UPDATE actions_executionevent SET at = at + interval '1 microsecond' WHERE seq = 2 AND <first>",
        "{0} event 2 (queued) is not what was sealed",
    ),
    "a byte of a line": (
        "UPDATE actions_logline SET message = 'tryinG' WHERE <first>",
        "{0} line 1 of attempt 1 is not what was sealed",
    ),
    "a fact of an audit event": (
        "UPDATE actions_auditevent SET data = '{\"number\": 2}' WHERE id = 2",
        "Audit event 2 (action.disabled) is not what was sealed",
    ),
    "an event deleted": (
        "DELETE FROM actions_executionevent WHERE seq = 4 AND <first>",
        "{0} event 4 is missing from",
    ),
    "a line deleted": (
        "DELETE FROM actions_logline WHERE <first>",
        "{0} line 1 of attempt 1 is missing from",
    ),
    "an audit event deleted": (
        "DELETE FROM actions_auditevent WHERE id = 1",
        "Audit event 1 is missing from",
    ),
    "an event forged": (FORGED_EVENT, "{0} event 9 (accepted) was added to what was sealed"),
    "a line forged": (FORGED_LINE, "{0} line 7 of attempt 1 was added to what was sealed"),
    "an audit event forged": (FORGED_AUDIT, "Audit event 99 (action.disabled) was added to"),
    "two events swapped": (SWAPPED_EVENTS, "{0} event 1 (attempt_started) is not what was sealed"),
    "an event moved to another hour": (
        "UPDATE actions_executionevent SET at = at - interval '1 year' WHERE seq = 3 AND <first>",
        "{0} event 3 (attempt_started) was added to what was sealed",
    ),
    "a leaf changed": (
        (
            "UPDATE actions_sealleaf SET entries = set_byte(entries, 9, get_byte(entries, 9) # 1) "
            "WHERE source = 'events' AND <first>"
        ),
        "{0}: leaf and rows differ",
    ),
    "a leaf deleted": (
        "DELETE FROM actions_sealleaf WHERE source = 'lines' AND <first>",
        "{0}: leaf and rows differ",
    ),
    "the counts of a seal": (
        "UPDATE actions_seal SET event_count = event_count - 1 WHERE event_count > 0",
        "or a leaf of it, was changed after it was made",
    ),
    "the first seal deleted": (
        "DELETE FROM actions_seal WHERE previous_digest = ''",
        "The seals before the hour from",
    ),
    "a seal in the middle deleted": (
        (
            "DELETE FROM actions_seal WHERE hour = "
            "(SELECT min(hour) FROM actions_seal WHERE previous_digest <> '')"
        ),
        "are missing",
    ),
    "a seal in the middle made anew": (
        "UPDATE actions_seal SET digest = sha256('other') WHERE previous_digest = ''",
        "does not follow from the one before",
    ),
}


@pytest.mark.parametrize("deed", TAMPERED)
def test_what_was_done_to_the_log_is_found_and_named(sealed, tamper, deed, capsys):
    seal_all(hours=4)
    statement, told = TAMPERED[deed]

    tamper(statement.replace("<first>", FIRST))

    with pytest.raises(CommandError, match="findings"):
        call_command("verify_log")
    assert told.format(sealed[0].shown_id) in capsys.readouterr().out


def test_a_log_that_nobody_touched_is_what_was_sealed(sealed, capsys):
    head = bytes(Seal.objects.newest().digest).hex()

    call_command("verify_log", head=head.upper())

    printed = capsys.readouterr().out
    assert f"Verified {Seal.objects.count()} seals over 12 rows, from the beginning" in printed
    assert f"Head: {head}" in printed


def test_nothing_is_verified_where_nothing_is_sealed(engine, capsys):
    call_command("verify_log")

    assert "No hour is sealed yet" in capsys.readouterr().out


def test_what_is_not_sealed_yet_does_not_count(sealed, engine):
    engine.run("probe-nothing")

    assert seals.verify().row_count == 12


def test_a_chain_that_was_made_anew_lacks_the_head_that_was_noted(sealed, tamper):
    head = bytes(Seal.objects.newest().digest).hex()
    tamper(CHANGED_BYTE.replace("<first>", FIRST))
    tamper("DELETE FROM actions_seal")
    tamper("DELETE FROM actions_sealleaf")
    seal_all()

    result = seals.verify(head=head)

    assert seals.verify().findings == []
    assert [head in finding for finding in result.findings] == [True]


def test_a_head_from_before_what_is_verified_proves_nothing(sealed):
    oldest, newest = Seal.objects.since(None).first(), Seal.objects.newest()

    result = seals.verify(since=newest.hour, head=bytes(oldest.digest).hex())

    assert "older than what was verified" in result.findings[0]


def test_a_time_that_is_none_is_refused(db):
    with pytest.raises(CommandError, match="'soon' is no time; give one such as"):
        call_command("verify_log", "--since", "soon")


def test_a_newest_seal_that_was_deleted_is_missed_by_its_leaves(sealed, tamper):
    tamper("DELETE FROM actions_seal WHERE previous_digest <> ''")

    assert "is missing, its leaves are not" in seals.verify().findings[0]


def test_verifying_may_begin_at_an_hour(sealed, tamper):
    newest = Seal.objects.newest()
    tamper("UPDATE actions_seal SET digest = sha256('x') WHERE previous_digest = ''")

    result = seals.verify(since=newest.hour + timedelta(minutes=59))

    assert (result.seal_count, result.since) == (1, newest.hour)


def test_a_finding_is_limited_and_the_first_comes_first(sealed, engine, tamper):
    for _ in range(12):
        engine.submit("probe-nothing")
    seal_all(hours=4)
    tamper("UPDATE actions_executionevent SET worker_label = 'x'")

    findings = seals.verify().findings

    assert len(findings) == 20
    assert findings[0].startswith(f"{sealed[0].shown_id} event 1")


@pytest.mark.parametrize("source", FIRST_SOURCES, ids=lambda source: source.name)
def test_every_column_is_sealed(source):
    models = {model._meta.db_table: model for model in (ExecutionEvent, LogLine, AuditEvent)}

    columns = {field.column for field in models[source.table]._meta.local_concrete_fields}

    assert set(source.columns) == columns


def test_a_seal_is_refused_to_be_changed(sealed):
    for model in (Seal, SealLeaf):
        with pytest.raises(Exception, match="append-only"):
            model.objects.all().delete()


def test_the_next_hour_goes_on_where_the_last_ended(sealed):
    assert seals.verify().until <= later()
    assert timezone.now() < seals.verify().until
