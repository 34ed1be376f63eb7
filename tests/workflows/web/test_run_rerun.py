"""Re-running a run from a page: the list that is shown, and that nothing else starts."""

import pytest

from tests.fixtures.engine import TESTER
from tests.fixtures.pages import attributes, words
from tests.probe.models import Mark
from workflows import definitions
from workflows.models import Run
from workflows.runs import plans
from workflows.runs.scope import params_of

PARAMS = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "password": {"type": "string"}},
}


def mark(name, *after):
    return {"action": "probe-mark", "params": {"name": name}, "after": list(after)}


def echo(value, *after, **rest):
    return {"action": "probe-echo", "params": {"value": value}, "after": list(after)} | rest


@pytest.fixture
def failed(stage):
    """A run of which the second of three steps has failed for want of a param."""
    steps = {
        "first": mark("one"),
        "second": echo("${{ params.name }}", "first"),
        "third": echo("${{ steps.second.result }}", "second"),
    }
    return stage.start(steps, given={"password": "hunter2-hunter2"}, params=PARAMS)


def url_of(run) -> str:
    return f"/runs/{run.shown_id}/rerun"


def digest_in(answer) -> str:
    return answer.context["planned"].preview.digest


def confirming(answer, **rest):
    seen = answer.context["run"].event_count
    return {"what": "from_failed", "confirm": digest_in(answer), "seen": seen, **rest}


def verdicts(answer) -> dict[str, str]:
    return {line.entry.step: str(line.entry.verdict) for line in answer.context["planned"].steps}


def test_the_list_says_what_is_executed_and_what_is_reused(signed_in, failed):
    answer = signed_in().get(url_of(failed))

    assert verdicts(answer) == {"first": "reuse", "second": "execute", "third": "execute"}
    text = words(answer)
    assert "Will execute 2 steps" in text
    assert "It failed." in text
    assert "Re-run 2 steps" in text


def test_the_dialog_is_the_same_as_a_fragment(signed_in, failed):
    answer = signed_in().get(url_of(failed), headers={"HX-Request": "true"})

    assert answer.content.decode().lstrip().startswith("<dialog")


def test_what_was_confirmed_starts_and_both_runs_are_linked(signed_in, stage, failed):
    client = signed_in()
    sent = confirming(
        client.get(url_of(failed)),
        **{"params_choice": "edit", "mode": "fields", "params/name": "Ada"},
    )
    shown = client.post(url_of(failed), {**sent, "confirm": "an old list"})
    assert shown.status_code == 409

    answer = client.post(url_of(failed), {**sent, "confirm": digest_in(shown)})

    new = Run.objects.exclude(id=failed.id).get()
    assert answer["Location"] == f"/runs/{new.shown_id}"
    assert stage.go_on(new).status == "succeeded"
    assert Mark.objects.count() == 1
    assert f"/runs/{new.shown_id}" in attributes(client.get(f"/runs/{failed.shown_id}"), "href")
    assert f"/runs/{failed.shown_id}" in attributes(client.get(answer["Location"]), "href")


def test_a_confirmation_of_something_else_shows_the_list_anew_and_starts_nothing(signed_in, failed):
    client = signed_in()
    seen = client.get(url_of(failed))

    answer = client.post(url_of(failed), confirming(seen, what="whole"))

    assert answer.status_code == 409
    assert "has changed since you looked" in words(answer)
    assert set(verdicts(answer).values()) == {"execute"}
    assert Run.objects.count() == 1


def test_pressing_twice_leads_to_one_run(signed_in, failed):
    client = signed_in()
    form = client.get(url_of(failed))
    sent = confirming(form, form_key=form.context["form_key"])
    assert f'name="form_key" value="{sent["form_key"]}"' in form.content.decode()

    first, second = client.post(url_of(failed), sent), client.post(url_of(failed), sent)

    new = Run.objects.exclude(id=failed.id).get()
    assert first["Location"] == second["Location"] == f"/runs/{new.shown_id}"


def test_a_form_that_has_started_a_run_starts_another_one_only_after_its_list_was_seen(
    signed_in, failed
):
    client = signed_in()
    form = client.get(url_of(failed))
    sent = confirming(form, form_key=form.context["form_key"])
    client.post(url_of(failed), sent)

    other = client.post(url_of(failed), sent | {"what": "whole"})

    assert other.status_code == 409
    assert other.context["form_key"] != sent["form_key"]
    assert "has started a re-run already" in words(other)
    assert Run.objects.count() == 2


def test_another_tab_starts_no_second_run_unseen(signed_in, failed):
    client = signed_in()
    tabs = [client.get(url_of(failed)) for _ in range(2)]

    first, second = (
        client.post(url_of(failed), confirming(tab, form_key=tab.context["form_key"]))
        for tab in tabs
    )

    assert (first.status_code, second.status_code) == (302, 409)
    assert "perhaps a re-run of it" in words(second)
    assert Run.objects.count() == 2


def test_without_the_last_button_nothing_starts(signed_in, failed):
    answer = signed_in().post(url_of(failed), {"what": "from_step", "step": "first"})

    assert set(verdicts(answer).values()) == {"execute"}
    assert Run.objects.count() == 1


def test_a_step_of_the_address_is_where_it_begins(signed_in, failed):
    answer = signed_in().get(f"{url_of(failed)}?step=third")

    assert answer.context["choice"].what == "from_step"
    assert "You asked to begin here." in words(answer)


def test_from_a_step_without_a_step_is_refused_in_words(signed_in, failed):
    answer = signed_in().post(url_of(failed), {"what": "from_step", "step": ""})

    assert answer.status_code == 422
    assert "Choose the step" in words(answer)


def test_a_secret_param_is_kept_and_never_shown(signed_in, stage, failed):
    client = signed_in()
    sent = {"what": "whole", "params_choice": "edit", "mode": "fields", "params/name": "Ada"}
    seen = client.post(url_of(failed), sent)
    assert b"hunter2" not in seen.content

    client.post(url_of(failed), confirming(seen, **sent))

    new = Run.objects.exclude(id=failed.id).get()
    assert new.params["name"] == "Ada"
    assert params_of(new, plans.of(new.version_id))["password"] == "hunter2-hunter2"


def test_the_list_says_which_params_are_others(signed_in, failed):
    sent = {"what": "whole", "params_choice": "edit", "mode": "fields", "params/name": "Ada"}

    answer = signed_in().post(url_of(failed), sent)

    (change,) = answer.context["planned"].preview.changes
    assert (change.pointer, change.kind, change.after) == ("/name", "added", "Ada")
    assert "Params that are not as the first time" in words(answer)


def test_params_that_do_not_fit_are_refused_before_anything_is_confirmed(signed_in, failed):
    sent = {"what": "whole", "params_choice": "edit", "mode": "json", "params.json": '{"name": 5}'}

    answer = signed_in().post(url_of(failed), sent)

    assert answer.status_code == 422
    assert "do not fit version 1" in words(answer)
    assert answer.context["planned"] is None


def test_the_active_version_can_be_chosen(signed_in, stage, failed):
    document = {**failed.version.document, "description": "mended"}
    definitions.save_draft("under-test", document, by=TESTER, expected=1)
    definitions.publish("under-test", by=TESTER)
    client = signed_in()

    seen = client.post(url_of(failed), {"what": "whole", "version": "latest"})
    client.post(url_of(failed), confirming(seen, what="whole", version="latest"))

    assert Run.objects.exclude(id=failed.id).get().version.number == 2


def test_an_external_effect_a_second_time_needs_a_reason(signed_in, stage):
    run = stage.start({"card": {"action": "probe-decline", "params": {}}})
    client = signed_in()
    seen = client.get(url_of(run))
    assert "needed" in words(seen)

    refused = client.post(url_of(run), confirming(seen))
    answer = client.post(url_of(run), confirming(seen, reason="the card is fine now"))

    assert refused.status_code == 422
    assert "say why" in words(refused)
    assert answer.status_code == 302


def test_a_run_that_goes_on_cannot_be_run_again(signed_in, stage):
    run = stage.start({"ask": {"approval": {"message": "May I?"}}})

    answer = signed_in().get(url_of(run))

    assert answer.status_code == 409
    assert "cancel it or wait" in words(answer)


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_viewer_may_not_run_again(signed_in, failed, method):
    assert getattr(signed_in("viewer"), method)(url_of(failed)).status_code == 403


def test_a_run_that_was_run_again_already_says_so(signed_in, failed):
    client = signed_in()
    client.post(url_of(failed), confirming(client.get(url_of(failed))))
    new = Run.objects.exclude(id=failed.id).get()

    assert f"already, last as {new.shown_id}" in words(client.get(url_of(failed)))


def test_what_is_taken_over_leads_to_the_run_in_which_it_succeeded(signed_in, stage):
    steps = {"all": {"map": {"over": "[1]", "action": "probe-echo"}}, "end": echo(1, "all")}
    steps["end"]["params"]["value"] = "${{ params.missing }}"
    old = stage.start(steps, params={"type": "object"})
    client = signed_in()

    seen = client.get(url_of(old))
    new = client.post(url_of(old), confirming(seen))["Location"]

    assert seen.context["planned"].steps[0].source_run == old.shown_id
    assert f"/runs/{old.shown_id}" in attributes(client.get(f"{new}?step=all"), "href")
