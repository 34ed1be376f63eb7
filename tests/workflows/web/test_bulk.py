"""Many runs again on the pages: counted, confirmed, followed, stopped."""

import pytest

from tests.fixtures.engine import TESTER
from tests.fixtures.pages import attributes, words
from workflows import runs
from workflows.models import BulkRerun, Run

NEW = "/bulk-reruns/new"


@pytest.fixture
def two(stage):
    """Two runs that have failed."""
    version = stage.publish({"only": {"action": "probe-decline"}})
    made = [runs.start(version=version, params={}, by=TESTER) for _ in range(2)]
    stage.engine.drain()
    return made


def form_of(answer, **changes) -> dict[str, str]:
    """What the form sends, with a reason."""
    shown = answer.context
    hidden = {"filters": shown["filters"], "count": shown["chosen"].count, "key": "form_1"}
    return hidden | {"what": "whole", "spacing": "0", "reason": "Mail is back."} | changes


def confirmed(client, **changes):
    return client.post(NEW, form_of(client.get(f"{NEW}?status=failed"), **changes))


def test_the_list_of_runs_leads_to_the_count_of_what_it_shows(signed_in, two):
    client = signed_in("operator")

    href = f"{NEW}?status=failed"
    assert href in attributes(client.get("/runs?status=failed"), "href")
    text = words(client.get(href))
    assert "Re-run 2 runs" in text
    assert "status failed" in text


def test_who_may_only_read_is_not_led_there(signed_in, two):
    page = signed_in("viewer").get("/runs?status=failed")

    assert not [href for href in attributes(page, "href") if href.startswith(NEW)]


def test_what_is_confirmed_starts_and_its_page_says_how_far_it_has_come(signed_in, stage, two):
    client = signed_in("operator")

    answer = confirmed(client)
    before = client.get(answer.url)
    stage.engine.drain()
    after = client.get(answer.url)

    assert answer.url == f"/bulk-reruns/{BulkRerun.objects.get().shown_id}"
    assert "2 to do" in words(before)
    assert "2 failed" in words(after)
    assert "Mail is back." in words(after)
    for run in Run.objects.exclude(rerun_of=None):
        assert f"/runs/{run.shown_id}" in attributes(after, "href")
    assert "2 failed" in words(client.get("/bulk-reruns"))


def test_the_page_follows_only_while_something_goes_on(signed_in, stage, two):
    client = signed_in("operator")
    url = confirmed(client).url

    assert f"{url}/_live" in attributes(client.get(url), "hx-get")
    stage.engine.drain()
    assert f"{url}/_live" not in attributes(client.get(f"{url}/_live"), "hx-get")


def test_if_it_is_another_number_by_then_the_new_one_is_shown_and_nothing_starts(signed_in, two):
    client = signed_in("operator")

    answer = confirmed(client, count="3")

    assert answer.status_code == 409
    assert "2 runs would be run again now, not 3" in words(answer)
    assert not BulkRerun.objects.exists()


def test_without_a_reason_nothing_starts(signed_in, two):
    answer = confirmed(signed_in("operator"), reason=" ")

    assert answer.status_code == 422
    assert "Say why these runs are to be run again." in words(answer)


def test_pressing_twice_starts_it_once(signed_in, two):
    client = signed_in("operator")
    form = form_of(client.get(f"{NEW}?status=failed"))

    first, second = client.post(NEW, form), client.post(NEW, form)

    assert first.url == second.url
    assert BulkRerun.objects.count() == 1


def test_it_is_stopped_after_a_question(signed_in, two):
    client = signed_in("operator")
    url = confirmed(client).url

    assert "No more runs begin." in words(client.get(f"{url}/stop"))
    client.post(f"{url}/stop", {"reason": "Enough."})

    assert "2 not begun" in words(client.get(url))
    assert "It is stopped already." in words(client.get(f"{url}/stop"))
    assert BulkRerun.objects.get().status == "stopped"


def test_the_audit_log_leads_to_it(signed_in, two):
    url = confirmed(signed_in("operator")).url

    page = signed_in("admin").get("/audit")

    assert "started the bulk re-run" in words(page)
    assert url in attributes(page, "href")


def test_before_there_is_one_the_list_says_how_to_begin(signed_in, engine):
    assert "Nothing has been run again in bulk" in words(signed_in("viewer").get("/bulk-reruns"))


@pytest.mark.parametrize("path", ["/bulk-reruns/bulk_1", "/bulk-reruns/nowhere/stop"])
def test_what_is_not_there_is_said_so(signed_in, engine, path):
    assert signed_in().get(path).status_code == 404


def test_a_filter_that_there_is_not_is_refused_in_words(signed_in, engine):
    assert signed_in().get(f"{NEW}?colour=red").status_code == 400
