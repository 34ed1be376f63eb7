"""Re-running from a page: what it says it will do, and that it does that once."""

import pytest

from actions import executions, vault
from actions.models import Execution, ExecutionEvent
from tests.fixtures.engine import TESTER
from tests.fixtures.pages import attributes, words


def url_of(execution: Execution) -> str:
    return f"/executions/{execution.shown_id}/rerun"


def press(client, execution: Execution, **fields: str):
    """Open the form and press its button with these fields."""
    page = client.get(url_of(execution))
    key = page.context["answers"].key
    return client.post(url_of(execution), {"key": key, "params_choice": "same", **fields})


def test_the_form_says_what_will_execute_and_why(signed_in, engine):
    execution = engine.run("probe-decline")

    text = words(signed_in().get(url_of(execution)))

    assert "Will execute 1 action" in text
    assert "probe-decline v1" in text
    assert "It failed and left nothing behind" in text
    assert "A new key: its outcome is known" in text


def test_an_unknown_outcome_is_told_with_the_key_that_is_kept(signed_in, engine, monkeypatch):
    monkeypatch.setenv("ACTIONSITE_SECRET_PROBE_PASSWORD", "made-up-password")
    execution = engine.run("probe-secret")
    assert execution.error["outcome"] == "unknown"

    text = words(signed_in().get(url_of(execution)))

    assert "nobody knows whether it had its effect" in text
    assert "The same key as before" in text
    assert "this may have it a second time" in text


def test_doing_again_what_succeeded_is_cautioned(signed_in, engine):
    execution = engine.run("probe-mark", name="one")

    text = words(signed_in().get(url_of(execution)))

    assert "This has its effect a second time, beside the first." in text


def test_a_press_starts_a_linked_execution_and_leads_to_it(signed_in, engine):
    old = engine.run("probe-decline")

    answer = press(signed_in(), old, reason="the card is fine now")

    new = Execution.objects.get(rerun_of=old)
    assert answer["Location"] == f"/executions/{new.shown_id}"
    assert new.actor_label == "the-operator"
    event = ExecutionEvent.objects.get(type="rerun_requested")
    assert event.data["reason"] == "the card is fine now"


def test_pressing_twice_starts_one(signed_in, engine):
    old = engine.run("probe-decline")
    client = signed_in()
    fields = {"key": client.get(url_of(old)).context["answers"].key, "params_choice": "same"}

    first = client.post(url_of(old), fields)
    second = client.post(url_of(old), fields)

    assert first["Location"] == second["Location"]
    assert Execution.objects.filter(rerun_of=old).count() == 1


def test_the_dialog_is_answered_by_a_redirect_that_htmx_follows(signed_in, engine):
    old = engine.run("probe-decline")
    client = signed_in()
    dialog = client.get(f"/executions/{old.shown_id}/_rerun", headers={"HX-Request": "true"})

    answer = client.post(
        url_of(old),
        {"key": dialog.context["answers"].key, "params_choice": "same"},
        headers={"HX-Request": "true"},
    )

    new = Execution.objects.get(rerun_of=old)
    assert b"<html" not in dialog.content
    assert answer["HX-Redirect"] == f"/executions/{new.shown_id}"


def test_edited_params_are_the_ones_that_run(signed_in, engine):
    old = engine.run("probe-mark", name="one")

    press(signed_in(), old, params_choice="edit", **{"params/name": "two"})

    assert Execution.objects.get(rerun_of=old).params == {"name": "two"}


def test_wrong_params_are_told_at_their_field_and_nothing_starts(signed_in, engine):
    old = engine.run("probe-flaky", name="one", fail_times=0)

    answer = press(
        signed_in(),
        old,
        params_choice="edit",
        **{"params/name": "two", "params/fail_times": "many"},
    )

    assert answer.status_code == 422
    assert "“many” is not a whole number." in words(answer)
    assert "params/fail_times-problem" in " ".join(attributes(answer, "aria-describedby"))
    assert not Execution.objects.filter(rerun_of=old).exists()


def test_params_can_be_written_as_json_instead(signed_in, engine):
    old = engine.run("probe-mark", name="one")
    client = signed_in()

    switched = press(
        client, old, params_choice="edit", mode="fields", **{"as": "json", "params/name": "two"}
    )
    press(client, old, params_choice="edit", mode="json", **{"params.json": '{"name": "three"}'})

    assert '"name": "two"' in words(switched)
    assert Execution.objects.get(rerun_of=old).params == {"name": "three"}


def test_a_secret_that_was_left_alone_runs_as_it_was(signed_in, engine):
    params = {"value": {"password": "hunter2-canary", "user": "ada"}}
    old = engine.run("probe-echo", **params)
    client = signed_in()

    form = client.get(f"{url_of(old)}?edit=1")
    edited = {"mode": "json", "params.json": form.context["form"].json_text.replace("ada", "eve")}
    press(client, old, params_choice="edit", **edited)

    assert b"hunter2-canary" not in form.content
    new = Execution.objects.get(rerun_of=old)
    assert vault.params_of(new) == {"value": {"password": "hunter2-canary", "user": "eve"}}


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_viewer_may_not_rerun(signed_in, engine, method):
    old = engine.run("probe-decline")

    answer = getattr(signed_in("viewer"), method)(url_of(old))

    assert answer.status_code == 403
    assert not Execution.objects.filter(rerun_of=old).exists()


def test_what_has_not_ended_is_refused_in_words(signed_in, engine):
    waiting = engine.submit("probe-nothing")

    answer = press(signed_in(), waiting)

    assert answer.status_code == 409
    assert "is queued; cancel it before re-running it" in words(answer)


def test_the_form_warns_once_it_is_too_late_for_what_it_says(signed_in, engine):
    old = engine.run("probe-decline")
    executions.rerun(execution_id=old.id, by=TESTER, key="k")
    waiting = Execution.objects.get(rerun_of=old)

    text = words(signed_in().get(url_of(waiting)))

    assert "Not now. It is queued" in text


def test_one_form_key_used_for_another_wish_is_refused(signed_in, engine):
    old = engine.run("probe-mark", name="one")
    client = signed_in()
    key = client.get(url_of(old)).context["answers"].key
    client.post(url_of(old), {"key": key, "params_choice": "same"})

    answer = client.post(url_of(old), {"key": key, "params_choice": "same", "reason": "other"})

    assert answer.status_code == 422
    assert Execution.objects.filter(rerun_of=old).count() == 1
