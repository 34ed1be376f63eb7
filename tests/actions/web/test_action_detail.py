"""The page of one action, and executing it from its form."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from actions.models import Action, Execution
from tests.fixtures.pages import attributes, words

URL = "/actions/create-invoice"
FIELDS = {
    "mode": "fields",
    "form_key": "form-1",
    "params/orderId": "order-12345",
    "params/amount": "4990",
    "params/currency": "EUR",
}


def test_the_page_tells_the_contract_of_the_action(signed_in, engine):
    text = words(signed_in("viewer").get(URL))

    assert "create-invoice : Bill an order" in text
    assert "transactional, committed once" in text
    assert "Retries 4 attempts, exponential from 1 s to 1 min, spread at random" in text
    assert "orderId text The order that is billed not empty, up to 100 characters" in text
    assert "EUR | USD | GBP optional" in text
    assert "more than 0, at most 1,000,000,000,000" in text


def test_the_snippets_execute_this_action_with_params_that_fit(signed_in, engine):
    answer = signed_in().get(URL)

    example = '{"params": {"orderId": "order-12345", "amount": 4990}}'
    assert "http://testserver/api/v1/actions/create-invoice/executions" in answer.context["curl"]
    assert example in answer.context["curl"]
    assert "$API_KEY" in answer.context["curl"]
    compile(answer.context["python"], "snippet", "exec")


def test_required_fields_come_in_the_authors_order_before_the_optional_ones(signed_in, engine):
    answer = signed_in().get(URL)

    names = [field.shape.title for field in answer.context["form"].fields]
    assert names == ["orderId", "amount", "currency"]


def test_a_viewer_sees_no_form(signed_in, engine):
    answer = signed_in("viewer").get(URL)

    assert "Execute create-invoice" not in words(answer)


def test_a_disabled_action_says_so_instead_of_a_form(signed_in, engine):
    Action.objects.filter(name="create-invoice").update(
        is_enabled=False, disabled_note="Month end."
    )

    answer = signed_in().get(URL)

    assert "It takes no new executions. Month end." in words(answer)
    assert "params/orderId" not in attributes(answer, "name")


def test_the_form_executes_the_action_and_leads_to_the_execution(signed_in, engine):
    answer = signed_in().post(URL, FIELDS)

    execution = Execution.objects.get()
    assert answer["Location"] == f"/executions/{execution.shown_id}"
    assert execution.params == {"orderId": "order-12345", "amount": 4990, "currency": "EUR"}
    assert execution.actor_label == "the-operator"
    assert execution.idempotency_key == "form-1"


def test_sending_the_form_twice_executes_once(signed_in, engine):
    client = signed_in()

    first, second = client.post(URL, FIELDS), client.post(URL, FIELDS)

    assert first["Location"] == second["Location"]
    assert Execution.objects.count() == 1
    assert "still under way" in words(client.get(second["Location"]))


def test_a_key_of_ones_own_replays_what_it_stands_for(signed_in, engine):
    client = signed_in()
    own = {**FIELDS, "key": "invoice-order-12345"}
    client.post(URL, {**own, "form_key": "form-1"})
    engine.drain()

    again = client.post(URL, {**own, "form_key": "form-2"})

    assert Execution.objects.count() == 1
    assert "nothing was executed again" in words(client.get(again["Location"]))


def test_a_key_with_other_params_is_refused_beside_the_form(signed_in, engine):
    client = signed_in()
    client.post(URL, {**FIELDS, "key": "mine"})

    answer = client.post(URL, {**FIELDS, "key": "mine", "params/amount": "1"})

    assert answer.status_code == 422
    assert "with other params" in words(answer)
    assert Execution.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "text", "problem"),
    [
        ("params/amount", "a lot", "“a lot” is not a whole number."),
        ("params/amount", "0", "0"),
        ("params/orderId", "", "required"),
        ("params/currency", "CHF", "EUR"),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_nothing_is_stored(
    signed_in, engine, field, text, problem
):
    answer = signed_in().post(URL, {**FIELDS, field: text})

    drawn = {each.shape.name: each for each in answer.context["form"].fields}
    assert answer.status_code == 422
    assert problem in drawn[field].problem
    assert not Execution.objects.exists()


def test_what_was_written_is_still_there_after_a_refusal(signed_in, engine):
    answer = signed_in().post(URL, {**FIELDS, "params/amount": "a lot", "key": "mine"})

    values = attributes(answer, "value")
    assert "order-12345" in values
    assert "a lot" in values
    assert "mine" in values


def test_params_can_be_written_as_json(signed_in, engine):
    client = signed_in()

    switched = client.post(URL, {**FIELDS, "as": "json"})
    client.post(
        URL,
        {"mode": "json", "form_key": "f", "params.json": '{"orderId": "o", "amount": 5}'},
    )

    assert '"amount": 4990' in words(switched)
    assert Execution.objects.get().params == {"orderId": "o", "amount": 5}


@pytest.mark.parametrize("text", ["{", "[]", '"text"', '{"amount": NaN}'])
def test_json_that_is_none_or_no_object_is_refused_in_words(signed_in, engine, text):
    answer = signed_in().post(URL, {"mode": "json", "form_key": "f", "params.json": text})

    assert answer.status_code == 422
    assert "1 problem." in words(answer)
    assert not Execution.objects.exists()


def test_a_viewer_may_not_execute(signed_in, engine):
    answer = signed_in("viewer").post(URL, FIELDS)

    assert answer.status_code == 403
    assert not Execution.objects.exists()


def test_an_action_that_is_not_there_is_a_page_that_says_so(signed_in, engine):
    answer = signed_in().get("/actions/make-tea")

    assert answer.status_code == 404
    assert "There is no action make-tea" in words(answer)


def test_the_page_needs_few_queries(signed_in, engine):
    for _ in range(10):
        engine.submit("create-invoice", orderId="o", amount=1)
    client = signed_in()

    with CaptureQueriesContext(connection) as queries:
        client.get(URL)

    assert len(queries) <= 6
