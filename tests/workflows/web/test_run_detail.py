"""The page of one run: its sentence, its steps, and why it waits."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from actions import definitions
from actions.models import Execution
from tests.fixtures.engine import TESTER
from tests.fixtures.pages import attributes, words
from tests.probe.models import Mark
from workflows import runs
from workflows.models import Run
from workflows.runs.reruns import RerunWish

MAX_QUERIES = 14
ANY = {"type": "object"}
LIST = {"type": "object", "properties": {"list": {"type": "array"}}}


def echo(value, *after, **rest):
    return {"action": "probe-echo", "params": {"value": value}, "after": list(after)} | rest


def decline(*after, **rest):
    return {"action": "probe-decline", "params": {}, "after": list(after)} | rest


def url_of(run) -> str:
    return f"/runs/{run.shown_id}"


@pytest.fixture
def failed(stage):
    """A run of which the second of three steps has failed."""
    return stage.start({"one": echo(1), "two": decline("one"), "three": echo(3, "two")})


def test_a_failed_run_says_in_one_sentence_where_and_why(signed_in, failed):
    answer = signed_in("viewer").get(url_of(failed))

    text = words(answer)
    assert answer.status_code == 200
    assert str(answer.context["sentence"]) == (
        "under-test failed: Step two failed at attempt 1: The card was declined."
    )
    assert "card_declined" in text
    assert "not started" in text


def test_the_failed_step_is_beside_the_table_with_its_params_and_its_execution(signed_in, stage):
    run = stage.start({"two": {"action": "probe-details", "params": {}}})

    answer = signed_in().get(url_of(run))

    assert answer.context["focus"].row.step.name == "two"
    execution = answer.context["focus"].row.execution
    assert f"/executions/{execution.shown_id}" in attributes(answer, "href")


def test_a_chosen_step_shows_its_result(signed_in, failed):
    text = words(signed_in().get(f"{url_of(failed)}?step=one"))

    assert "Result of one" in text


def test_secrets_of_the_params_are_not_on_the_page(signed_in, stage):
    run = stage.start({"one": echo(1)}, given={"password": "hunter2-hunter2"}, params=ANY)

    assert b"hunter2" not in signed_in().get(url_of(run)).content


def test_a_question_is_the_sentence_of_a_run_that_waits_for_its_answer(signed_in, stage):
    run = stage.start({"ask": {"approval": {"message": "May I?"}}})

    answer = signed_in().get(url_of(run))

    assert "waits for an answer at ask: May I?" in str(answer.context["sentence"])
    assert f"{url_of(run)}/steps/ask/answer" in attributes(answer, "href")


def test_a_wait_says_until_when(signed_in, stage):
    run = stage.start({"pause": {"wait": {"for": 3600}}})

    assert "waits at pause until" in str(signed_in().get(url_of(run)).context["sentence"])


def test_a_map_shows_its_counts_and_the_first_failed_elements(signed_in, stage):
    each = {"map": {"over": "params.list", "action": "probe-decline", "params": {}}}
    run = stage.start({"all": each}, given={"list": list(range(9))}, params=LIST)

    answer = signed_in().get(url_of(run))

    assert "0 of 9 elements succeeded, 9 failed." in words(answer)
    failed = answer.context["focus"].row.failed_elements
    assert [str(element) for element in failed] == ["all[0]", "all[1]", "all[2]"]


def test_a_map_without_elements_says_so(signed_in, stage):
    each = {"map": {"over": "params.list", "action": "probe-decline", "params": {}}}
    run = stage.start({"all": each}, given={"list": []}, params=LIST)

    assert "The list was empty" in words(signed_in().get(url_of(run)))


def test_who_paused_a_run_and_why_is_in_its_sentence(signed_in, stage):
    run = stage.start({"ask": {"approval": {"message": "May I?"}}})
    runs.pause(run_id=run.id, by=TESTER, note="stocktaking")

    sentence = str(signed_in().get(url_of(run)).context["sentence"])

    assert sentence == "under-test is paused by tester: stocktaking."


def test_an_ended_run_asks_no_more_and_one_that_goes_on_is_told_when_nothing_changed(
    signed_in, stage, failed
):
    client = signed_in()
    assert attributes(client.get(url_of(failed)), "hx-ptag") == []
    run = stage.start({"ask": {"approval": {"message": "May I?"}}}, workflow="another")
    tag = attributes(client.get(url_of(run)), "hx-ptag")[0]

    same = client.get(f"{url_of(run)}/_live", headers={"HX-PTag": tag})
    runs.pause(run_id=run.id, by=TESTER)
    other = client.get(f"{url_of(run)}/_live", headers={"HX-PTag": tag})

    assert (same.status_code, other.status_code) == (304, 200)
    assert other["HX-PTag"] != tag


def test_a_viewer_is_offered_no_buttons(signed_in, failed):
    answer = signed_in("viewer").get(url_of(failed))

    assert f"{url_of(failed)}/rerun" not in attributes(answer, "href")


def test_a_run_that_is_not_there_is_said_so(signed_in, db):
    answer = signed_in().get("/runs/run_00000000000000000000000000")

    assert answer.status_code == 404
    assert "There is no run" in words(answer)


def test_the_page_reads_a_bounded_number_of_times(signed_in, stage):
    steps = {f"s{number}": echo(number) for number in range(30)}
    run = stage.start(steps)
    client = signed_in()

    with CaptureQueriesContext(
        connection,
    ) as queries:
        client.get(url_of(run))

    assert len(queries) <= MAX_QUERIES


def test_a_queued_run_says_for_which_run_it_waits_and_at_which_place(signed_in, stage):
    key = {"key": "'all'"}
    version = stage.publish({"ask": {"approval": {"message": "May I?"}}}, concurrency_key=key)
    first, second = (runs.start(version=version, params={}, by=TESTER) for _ in range(2))
    second = stage.go_on(second)

    text = words(signed_in().get(url_of(second)))

    assert "waits for other runs of its concurrency key all" in text
    assert f"It waits for {first.shown_id}, which holds the concurrency key all" in text
    assert "it is number 1 in the queue" in text


def test_a_step_that_waits_for_a_disabled_action_says_what_to_do(signed_in, stage):
    definitions.disable("probe-nothing", by=TESTER, note="it is down")
    run = stage.start({"one": {"action": "probe-nothing"}})

    text = words(signed_in().get(url_of(run)))

    assert "waits at one for the action probe-nothing, which is disabled" in text
    assert "is disabled: it is down. Enable it, or cancel the run." in text


def test_the_page_of_a_steps_execution_leads_to_the_run_instead_of_running_it_again(
    signed_in, stage
):
    run = stage.start({"only": {"action": "probe-decline"}})
    execution = Execution.objects.get(run_id=run.id)

    path = f"/executions/{execution.shown_id}"
    answer = signed_in().get(path)

    assert f"{path}/rerun" not in attributes(answer, "href")
    assert f"/runs/{run.shown_id}" in attributes(answer, "href")
    assert "run it again there" in answer.content.decode()
    assert signed_in().post(f"{path}/rerun", {"key": "k-1"}).status_code == 409


def test_a_run_that_waits_below_leads_to_what_it_waits_for(signed_in, stage):
    stage.publish({"ask": {"approval": {"message": "May I?"}}}, workflow="below")
    run = stage.start({"sub": {"workflow": "below"}})
    below = Run.objects.get(workflow_name="below")

    answer = signed_in().get(url_of(run))

    assert f"waits for its run {below.shown_id} of below." in words(answer)
    assert url_of(below) in attributes(answer, "href")


def test_cancelling_is_offered_again_where_undoing_is_blocked(signed_in, stage):
    definitions.disable("probe-nothing", by=TESTER)
    made = echo(1) | {"compensate": {"action": "probe-nothing"}}
    ask = {"approval": {"message": "May I?"}, "after": ["made"]}
    run = stage.start({"made": made, "ask": ask}, compensate_after=["cancelled"])
    client, cancel = signed_in(), f"{url_of(run)}/cancel"
    assert "What waits ends at once" in words(client.get(cancel))
    client.post(cancel, {"reason": "One."})
    stage.engine.drain()

    assert cancel in attributes(client.get(url_of(run)), "href")
    assert "is given up, and the run ends" in words(client.get(cancel))
    client.post(cancel, {"reason": "Two."})

    stage.engine.drain()
    assert Run.objects.get(id=run.id).status == "cancelled"


def test_the_page_says_what_was_not_undone_and_why_it_stays(signed_in, stage):
    gate = {"action": "probe-when-open", "after": ["made", "more"]}
    made = echo(1) | {"compensate": {"action": "probe-decline"}}
    more = echo(2) | {"compensate": {"action": "probe-nothing"}}
    steps = {"made": made, "more": more, "gate": gate}
    steps["ask"] = {"event": {"name": "go"}, "after": ["gate"]}
    old = stage.start(steps, compensate_after=["cancelled"])
    Mark.objects.create(name="open", attempt=1, execution="")
    pages, both = [], again(old, count=2)
    for run in both:
        runs.cancel(run_id=run.id, by=TESTER)
        stage.engine.drain()
        pages.append(words(signed_in().get(url_of(run))))

    assert f"What more did stays: {both[1].shown_id} relies on it." in pages[0]
    assert "What made did was not undone: The card was declined." in pages[1]


def again(old, *, count):
    """So many re-runs of it, which have only just begun."""
    wish = RerunWish(run=old, what="from_failed")
    return [runs.rerun(wish, digest=runs.preview(wish).digest, by=TESTER) for _ in range(count)]


def test_a_run_that_is_paused_before_it_is_undone_can_be_resumed_and_cancelled_on_its_page(
    signed_in, stage
):
    definitions.disable("probe-nothing", by=TESTER)
    made = echo(1) | {"compensate": {"action": "probe-nothing"}}
    run = stage.start({"made": made, "bad": decline("made")})
    client = signed_in()
    assert "What undoes its steps goes on" in words(client.get(f"{url_of(run)}/cancel"))
    runs.cancel(run_id=run.id, by=TESTER)
    runs.pause(run_id=run.id, by=TESTER)
    definitions.enable("probe-nothing", by=TESTER)
    stage.engine.drain()

    found = attributes(client.get(url_of(run)), "href")

    assert {f"{url_of(run)}/resume", f"{url_of(run)}/cancel"} <= set(found)
