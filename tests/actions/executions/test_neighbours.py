"""Several quick executions share a transaction, and none of them notices."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module

import pytest
from django.db import connection

from actions import executions, quickness
from actions.executions.hand import Hand
from actions.executions.parting import give_back_waiting
from actions.models import Execution
from actions.promises import broken_promises
from actions.quickness import Quickness
from tests.fixtures.engine import TESTER, Engine
from tests.fixtures.waiting import wait_until
from tests.probe.models import Mark

TRANSACTIONAL, ONLY_READS = "probe-send", "probe-send-only"


@pytest.fixture(autouse=True)
def everything_is_quick(monkeypatch):
    """However slow the machine is, a group is worked off as a whole."""
    monkeypatch.setattr(quickness, "QUICK_SECONDS", 60.0)
    # The package's attribute of that name is the function.
    monkeypatch.setattr(import_module("actions.executions.perform"), "GROUP_SECONDS", 60.0)


@pytest.fixture
def together(engine):
    """Submit several of these kinds and work them off as one group; returns them as they ended."""

    def work_off(*calls: tuple[str, dict[str, object]]) -> list[Execution]:
        for action, _ in calls:
            for _ in range(3):
                engine.bench.quickness.saw(action, 0.0)
        given = [engine.submit(action, **params) for action, params in calls]
        engine.step()
        ended = [Execution.objects.get(id=one.id) for one in given]
        assert all(one.is_terminal for one in ended), [one.status for one in ended]
        return ended

    return work_off


@pytest.mark.parametrize("action", [TRANSACTIONAL, ONLY_READS])
@pytest.mark.parametrize("is_raw", [False, True], ids=["by Django", "by the driver"])
@pytest.mark.parametrize(
    ("leave", "look", "found"),
    [
        ("SET LOCAL search_path TO pg_catalog", "SHOW search_path", '"$user", public'),
        ("SET LOCAL work_mem = '77MB'", "SHOW work_mem", "4MB"),
        (
            "SELECT set_config('app.tenant', 'acme', true)",
            "SELECT coalesce(current_setting('app.tenant', true), '')",
            "",
        ),
        ("SET LOCAL ROLE pg_read_all_data", "SELECT current_user = session_user", True),
        (
            "CREATE TEMP TABLE scratch ON COMMIT DROP AS SELECT 1 AS n",
            "SELECT to_regclass('scratch') IS NULL",
            True,
        ),
        ("DECLARE left_open CURSOR FOR SELECT 1", "SELECT count(*) FROM pg_cursors", 0),
    ],
    ids=["search path", "setting", "own setting", "role", "temporary table", "cursor"],
)
def test_what_lasts_for_a_transaction_is_gone_for_the_next_member(
    together, action, is_raw, leave, look, found
):
    leaves = (action, {"statements": [leave], "raw": is_raw})
    looks = (TRANSACTIONAL, {"statements": [look]})

    ended = together(leaves, looks, leaves, (ONLY_READS, {"statements": [look]}))

    assert [one.error for one in ended] == [None] * 4
    assert [ended[1].result, ended[3].result] == [found, found]
    assert broken_promises() == []


def test_the_limits_of_a_statement_hold_for_every_member(together):
    look = {"statements": ["SELECT current_setting('statement_timeout') <> '0'"]}
    changes = {"statements": ["SET LOCAL statement_timeout = 0"]}

    ended = together(*[(TRANSACTIONAL, look), (TRANSACTIONAL, changes)] * 3)

    assert [one.result for one in ended[::2]] == [True] * 3


def test_a_hook_that_fails_after_the_commit_drops_no_other(together):
    names = ["one", "", "two", "", "three"]

    ended = together(*(("probe-leave-hook", {"name": name}) for name in names))

    assert {one.status for one in ended} == {"succeeded"}
    assert sorted(Mark.objects.values_list("name", flat=True)) == ["one", "three", "two"]


def test_a_hook_that_does_not_end_is_interrupted_and_the_next_one_runs(together, engine):
    ended = together(
        ("probe-leave-hook", {"name": "for long"}), ("probe-leave-hook", {"name": "a"})
    )

    assert {one.status for one in ended} == {"succeeded"}
    assert list(Mark.objects.values_list("name", flat=True)) == ["a"]
    assert engine.run("probe-mark", name="next").status == "succeeded"


@pytest.fixture
def beside(engine, tmp_path):
    """Run a group whose first body does not end until `deed` has been done in another thread."""

    def run(waiting: list[Execution], deed: Callable[[], None]) -> Execution:
        gate = tmp_path / "gate"
        first = engine.submit("probe-linger", gate=str(gate))
        Execution.objects.filter(id=first.id).update(priority=100)
        engine.bench.quickness = Quickness()
        for action in {"probe-linger", *(one.action_name for one in waiting)}:
            for _ in range(3):
                engine.bench.quickness.saw(action, 0.0)

        def act() -> None:
            try:
                wait_until(lambda: first.id in engine.bench.running, what="the first body")
                deed()
            finally:
                gate.touch()
                connection.close()

        with ThreadPoolExecutor(1) as other:
            done = other.submit(act)
            engine.step()
            done.result()
        return Execution.objects.get(id=first.id)

    return run


def states(given: list[Execution]) -> list[tuple[str, int]]:
    found = [Execution.objects.get(id=one.id) for one in given]
    return [(one.status, one.attempt_count) for one in found]


def test_what_waits_behind_a_body_that_takes_its_time_is_given_back(engine, beside, monkeypatch):
    monkeypatch.setattr(Hand, "PATIENCE_SECONDS", 0.05)
    waiting = [engine.submit("probe-mark", name=f"{number}") for number in range(3)]
    seen = []

    def look() -> None:
        def all_gone() -> bool:
            give_back_waiting(engine.bench)
            return set(states(waiting)) == {("queued", 0)}

        assert set(states(waiting)) == {("running", 1)}
        wait_until(all_gone, what="their way back")
        # Another worker takes one of them meanwhile.
        other = Engine()
        other.step()
        seen.extend(states(waiting))

    first = beside(waiting, look)

    assert first.status == "succeeded"
    assert ("succeeded", 1) in seen
    engine.drain()
    assert states(waiting) == [("succeeded", 1)] * 3
    assert Mark.objects.count() == 3
    assert not engine.bench.hand.has_waiting
    assert broken_promises() == []


def test_what_is_cancelled_while_it_waits_behind_another_never_begins(engine, beside):
    waiting = [engine.submit("probe-mark", name=f"{number}") for number in range(3)]

    def cancel() -> None:
        executions.cancel(execution_id=waiting[1].id, by=TESTER, reason="A test.")
        give_back_waiting(engine.bench, cancelled=[waiting[1].id])
        assert states(waiting)[1][0] == "cancelled"

    beside(waiting, cancel)
    engine.drain()

    assert [status for status, _ in states(waiting)] == ["succeeded", "cancelled", "succeeded"]
    assert sorted(Mark.objects.values_list("name", flat=True)) == ["0", "2"]
    assert broken_promises() == []
