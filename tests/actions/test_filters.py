"""The filters of a list: read as a whole, refused by name."""

from datetime import UTC, datetime

import pytest
import time_machine

from actions import ids
from actions.errors import MalformedRequest
from actions.filters import ExecutionFilters, KeyFilters, typed
from actions.states import ExecutionStatus, KeyKind, KeyState


def test_lists_are_separated_by_commas_or_repeated():
    found = ExecutionFilters.parse({"status": ["failed,queued", "running"], "action": ["a"]})

    assert found.status == (
        ExecutionStatus.FAILED,
        ExecutionStatus.QUEUED,
        ExecutionStatus.RUNNING,
    )
    assert found.action == ("a",)


def test_no_filter_shows_everything():
    assert ExecutionFilters.parse({}).is_empty


@pytest.mark.parametrize(
    ("name", "text"),
    [(name, text) for name in ("status", "action") for text in ("", " ", ",", "failed,", "a\x00")]
    + [
        (name, text)
        for name in ("q", "error", "since", "rerun_of", "run", "params.a")
        for text in ("", " ", "a\x00")
    ],
)
def test_an_empty_value_and_what_no_column_can_hold_are_refused(name, text):
    with pytest.raises(MalformedRequest) as refused:
        ExecutionFilters.parse({name: [text]})

    assert [one.pointer for one in refused.value.errors] == [f"/{name}"]


def test_keys_are_filtered_by_their_own_state_and_kind():
    sent = {"state": ["in_use,released"], "kind": ["action"], "key": ["k"]}
    found = KeyFilters.parse(sent, statuses=ExecutionStatus)

    assert found.state == (KeyState.IN_USE, KeyState.RELEASED)
    assert (found.kind, found.key) == ((KeyKind.ACTION,), "k")
    with pytest.raises(MalformedRequest) as refused:
        KeyFilters.parse({"state": ["lost"], "since": ["-1h"]}, statuses=ExecutionStatus)
    assert {one.pointer for one in refused.value.errors} == {"/state", "/since"}


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


def test_a_param_is_a_path_and_its_exact_value():
    found = ExecutionFilters.parse({"params.items.0.sku": ["A 1 "], "params.n": ["2"]})

    assert found.params == (("items.0.sku", "A 1"), ("n", "2"))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("-30m", datetime(2026, 11, 22, 1, 45, tzinfo=UTC)),
        ("-24h", datetime(2026, 11, 21, 2, 15, tzinfo=UTC)),
        ("-7d", datetime(2026, 11, 15, 2, 15, tzinfo=UTC)),
        ("-2w", datetime(2026, 11, 8, 2, 15, tzinfo=UTC)),
        ("2026-11-21", datetime(2026, 11, 21, tzinfo=UTC)),
    ],
)
@time_machine.travel(datetime(2026, 11, 22, 2, 15, tzinfo=UTC), tick=False)
def test_a_time_may_be_told_by_how_long_ago_it_was(text, moment):
    assert ExecutionFilters.parse({"since": [text]}).since == moment


@pytest.mark.parametrize(
    "wrong",
    [
        {"params": ["x"]},
        {"params.": ["x"]},
        {"parameters.a": ["x"]},
        {"params.a": ["x" * 2_001]},
        {f"params.{'a' * 2_000}": ["x"]},
        {"params.a": [str(n) for n in range(11)]},
        {"since": ["-24"]},
        {"since": ["24h"]},
        {"since": ["-123456h"]},
        {"worker": ["x" * 256]},
    ],
)
def test_what_cannot_be_a_filter_is_refused(wrong):
    with pytest.raises(MalformedRequest):
        ExecutionFilters.parse(wrong)


def test_an_unknown_filter_is_answered_with_the_known_ones():
    with pytest.raises(MalformedRequest) as refused:
        ExecutionFilters.parse({"userId": ["usr_1"]})

    detail = refused.value.errors[0].detail
    assert "action, actor, error, error_code, key, params.<path>, q, rerun_of, run, since" in detail


@pytest.mark.parametrize(
    ("text", "found", "rest"),
    [
        ("params.userId=usr_12345", [("params.userId", "usr_12345")], ""),
        ("status=failed usr_7", [("status", "failed")], "usr_7"),
        ('error="connection refused"  a  b ', [("error", "connection refused")], "a b"),
        ("params.a=b=c", [("params.a", "b=c")], ""),
        ("usr_7", [], "usr_7"),
        ("colour=red", [], "colour=red"),
        ("mystatus=failed", [], "mystatus=failed"),
        ("params.=x q=y", [], "params.=x q=y"),
    ],
)
def test_filters_typed_into_a_search_are_told_from_its_text(text, found, rest):
    assert typed(text) == (found, rest)
