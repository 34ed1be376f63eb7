"""Cancelling from a page."""

import pytest

from actions import executions
from actions.models import Execution, ExecutionEvent
from tests.fixtures.engine import TESTER
from tests.fixtures.pages import words


def url_of(execution: Execution) -> str:
    return f"/executions/{execution.shown_id}/cancel"


def test_the_form_says_what_cancelling_means_now(signed_in, engine):
    execution = engine.submit("probe-nothing")

    page = signed_in().get(url_of(execution))
    dialog = signed_in().get(f"/executions/{execution.shown_id}/_cancel")

    assert "it ends at once and no attempt follows" in words(page)
    assert dialog.content.decode().lstrip().startswith("<dialog")


def test_what_is_queued_ends_at_once_with_who_and_why(signed_in, engine):
    execution = engine.submit("probe-nothing")
    client = signed_in()

    answer = client.post(url_of(execution), {"reason": "ordered twice"})

    execution.refresh_from_db()
    assert answer["Location"] == f"/executions/{execution.shown_id}"
    assert execution.status == "cancelled"
    assert ExecutionEvent.objects.get(type="cancelled").data["reason"] == "ordered twice"
    text = words(client.get(answer["Location"]))
    assert "was cancelled by the-operator" in text
    assert "ordered twice" in text


def test_the_dialog_is_answered_by_a_redirect_that_htmx_follows(signed_in, engine):
    execution = engine.submit("probe-nothing")

    answer = signed_in().post(url_of(execution), headers={"HX-Request": "true"})

    assert answer["HX-Redirect"] == f"/executions/{execution.shown_id}"


def test_what_has_ended_is_refused_in_words(signed_in, engine):
    execution = engine.submit("probe-nothing")
    executions.cancel(execution_id=execution.id, by=TESTER)

    answer = signed_in().post(url_of(execution))

    assert answer.status_code == 409
    assert "has already ended as cancelled" in words(answer)


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_viewer_may_not_cancel(signed_in, engine, method):
    execution = engine.submit("probe-nothing")

    answer = getattr(signed_in("viewer"), method)(url_of(execution))

    execution.refresh_from_db()
    assert answer.status_code == 403
    assert execution.status == "queued"
