"""Many runs again: the frozen list, its progress, stopping it, and that none is run twice."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from django.db import connection

from actions.access import PERMISSIONS, Principal
from actions.errors import IdempotencyKeyReused, MalformedRequest, ParamsInvalid
from actions.models import AuditEvent, Execution
from actions.promises import broken_promises
from tests.fixtures.engine import TESTER
from workflows import definitions, runs
from workflows.errors import SituationChanged
from workflows.models import BulkRerun, BulkRerunEntry, Run
from workflows.models.bulk import Progress
from workflows.runs import bulk
from workflows.runs.bulk import BulkWish

OPERATOR = Principal(actor=TESTER, permissions=PERMISSIONS)
FAILED = {"status": ["failed"]}
WISH = BulkWish(
    filters=FAILED, what="whole", expected_count=3, reason="Mail is back.", spacing_seconds=0
)


@pytest.fixture
def three(stage):
    """Three runs that have failed."""
    version = stage.publish({"only": {"action": "probe-decline"}})
    made = [runs.start(version=version, params={}, by=TESTER) for _ in range(3)]
    stage.engine.drain()
    return made


def progress(started):
    return BulkRerunEntry.objects.progress_of([started.id])[started.id]


def test_the_runs_that_the_filter_finds_are_run_again_once(stage, three):
    started = bulk.start(WISH, by=OPERATOR).bulk
    stage.engine.drain()

    started.refresh_from_db()
    assert (started.status, started.run_count) == ("finished", 3)
    assert progress(started) == Progress(failed=3)
    entries = BulkRerunEntry.objects.of(started.id)
    assert started.finished_at >= max(entry.taken_at for entry in entries)
    again = Run.objects.exclude(rerun_of=None).order_by("rerun_of")
    assert [one.rerun_of_id for one in again] == [one.id for one in three]
    assert {one.rerun["reason"] for one in again} == {"Mail is back."}
    assert {one.actor_label for one in again} == {"tester"}
    assert broken_promises() == []


def test_the_list_is_frozen_when_it_is_asked_for(stage, three):
    started = bulk.start(WISH, by=OPERATOR).bulk
    runs.start(version=three[0].version, params={}, by=TESTER)
    stage.engine.drain()

    assert Run.objects.filter(status="failed", rerun_of=None).count() == 4
    assert Run.objects.exclude(rerun_of=None).count() == 3
    assert started.filters["until"]


def test_another_number_than_the_confirmed_one_is_refused_and_nothing_is_kept(three):
    with pytest.raises(SituationChanged, match="3 runs would be run again now, not 4"):
        bulk.start(replace(WISH, expected_count=4), by=OPERATOR)

    assert not BulkRerun.objects.exists()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"filters": {"status": ["succeeded"]}, "expected_count": 0}, "No run"),
        ({"reason": " "}, "Say why"),
        ({"spacing_seconds": 3_601.0}, "give 0 to 3600"),
    ],
)
def test_what_makes_no_sense_is_refused(three, change, says):
    with pytest.raises(ParamsInvalid, match=says):
        bulk.start(replace(WISH, **change), by=OPERATOR)


def test_a_filter_that_there_is_not_is_refused(three):
    with pytest.raises(MalformedRequest):
        bulk.start(replace(WISH, filters={"colour": ["red"]}), by=OPERATOR)


def test_more_runs_than_the_limit_are_refused(three, settings):
    settings.ACTIONSITE_BULK_MAX = 2

    with pytest.raises(ParamsInvalid, match="More than 2 runs match"):
        bulk.start(WISH, by=OPERATOR)


def test_what_goes_on_and_the_steps_of_other_runs_are_not_chosen(stage, three):
    stage.start({"sub": {"workflow": "under-test"}}, workflow="above")
    runs.start(version=three[0].version, params={}, by=TESTER)

    chosen = bulk.chosen_by({"workflow": ["under-test"]}, by=OPERATOR)

    assert [run_id for run_id, _ in chosen.runs] == [one.id for one in three]


def test_a_key_with_patterns_takes_only_its_own_workflows(three):
    stranger = replace(OPERATOR, patterns=("other-*",))

    assert bulk.chosen_by(FAILED, by=stranger).count == 0


def test_with_spacing_one_run_begins_at_a_time(stage, three):
    started = bulk.start(replace(WISH, spacing_seconds=60), by=OPERATOR).bulk
    stage.engine.drain()

    assert progress(started) == Progress(left_over=2, failed=1)
    waiting = Execution.objects.get(action_name="actionsite.bulk-rerun", status="queued")
    first = Run.objects.get(rerun_of=three[0])
    assert 55 < (waiting.run_at - first.queued_at).total_seconds() < 65


def test_what_was_stopped_begins_no_more_runs(stage, three):
    started = bulk.start(replace(WISH, spacing_seconds=0.2), by=OPERATOR).bulk
    stage.engine.step()
    bulk.stop(started.id, by=TESTER, reason="Enough.")
    Execution.objects.filter(status="queued").update(run_at=started.created_at)
    stage.engine.drain()

    started.refresh_from_db()
    assert (started.status, started.stopped_by) == ("stopped", "tester")
    assert progress(started) == Progress(left_over=2, failed=1)
    assert [one.verb for one in AuditEvent.objects.order_by("id")][-2:] == [
        "bulk_rerun.started",
        "bulk_rerun.stopped",
    ]
    assert broken_promises() == []


def test_stopping_again_and_stopping_what_has_finished_changes_nothing(stage, three):
    started = bulk.start(WISH, by=OPERATOR).bulk
    stage.engine.drain()

    assert bulk.stop(started.id, by=TESTER).status == "finished"


def test_a_run_that_was_run_again_meanwhile_is_skipped_with_the_reason(stage, three):
    first = bulk.start(WISH, by=OPERATOR).bulk
    second = bulk.start(WISH, by=OPERATOR).bulk
    stage.engine.step()
    stage.engine.step()

    assert progress(first).started == 3
    assert progress(second).skipped == 3
    why = BulkRerunEntry.objects.of(second.id).first().why
    assert why.startswith("It has been run again already, as run_")


def test_what_cannot_be_run_again_is_skipped_with_the_reason_and_the_rest_goes_on(stage, three):
    succeeded = stage.start({"only": {"action": "probe-nothing"}}, workflow="well")
    definitions.archive("under-test", by=TESTER)
    wish = replace(WISH, filters={}, expected_count=4, version="latest", what="from_failed")

    started = bulk.start(wish, by=OPERATOR).bulk
    stage.engine.drain()

    said = {entry.run_id: entry.why for entry in BulkRerunEntry.objects.of(started.id)}
    assert said.pop(succeeded.id).startswith("It has succeeded")
    assert all("archived" in why for why in said.values())


def test_the_same_key_returns_what_the_first_one_started(three):
    first = bulk.start(WISH, by=OPERATOR, key="k")
    again = bulk.start(WISH, by=OPERATOR, key="k")

    assert (first.is_replay, again.is_replay) == (False, True)
    assert first.bulk == again.bulk
    with pytest.raises(IdempotencyKeyReused):
        bulk.start(replace(WISH, reason="Another."), by=OPERATOR, key="k")


def test_of_many_requests_at_once_with_one_key_one_makes_the_list(three):
    together = threading.Barrier(4)

    def ask():
        together.wait()
        try:
            return bulk.start(WISH, by=OPERATOR, key="k").bulk.id
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as four:
        found = {each.result() for each in [four.submit(ask) for _ in range(4)]}

    assert found == {BulkRerun.objects.get().id}


def test_two_workers_that_go_on_at_once_begin_each_run_once(stage, three):
    started = bulk.start(replace(WISH, spacing_seconds=0.001), by=OPERATOR).bulk
    together = threading.Barrier(2)

    def carry_on():
        together.wait()
        try:
            bulk.carry_on(started.id)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as two:
        for each in [two.submit(carry_on), two.submit(carry_on)]:
            each.result()

    assert progress(started).started == 2
    assert Run.objects.exclude(rerun_of=None).values("rerun_of").distinct().count() == 2
