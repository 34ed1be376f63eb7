"""The filters of a list: read as a whole, refused by name."""

from datetime import UTC, datetime

import pytest

from actions import ids
from actions.errors import MalformedRequest
from actions.filters import ExecutionFilters
from actions.states import ExecutionStatus


def test_lists_are_separated_by_commas_or_repeated():
    found = ExecutionFilters.parse({"status": ["failed,queued", "running"], "action": ["a", ""]})

    assert found.status == (
        ExecutionStatus.FAILED,
        ExecutionStatus.QUEUED,
        ExecutionStatus.RUNNING,
    )
    assert found.action == ("a",)


def test_no_filter_shows_everything():
    assert ExecutionFilters.parse({}).is_empty
    assert ExecutionFilters.parse({"q": [""]}).is_empty


def test_a_moment_without_a_zone_is_utc():
    found = ExecutionFilters.parse({"since": ["2026-11-22T02:15:00"]})

    assert found.since == datetime(2026, 11, 22, 2, 15, tzinfo=UTC)


def test_every_wrong_filter_is_named_at_once():
    wrong = {"status": ["gone"], "since": ["soon"], "colour": ["red"], "rerun_of": ["exec_1"]}

    with pytest.raises(MalformedRequest) as refused:
        ExecutionFilters.parse(wrong)

    assert {one.pointer for one in refused.value.errors} == {f"/{name}" for name in wrong}


def test_the_original_of_a_rerun_is_read_as_an_id():
    original = ids.new_id()

    found = ExecutionFilters.parse({"rerun_of": [ids.show("exec", original)]})

    assert found.rerun_of == original
