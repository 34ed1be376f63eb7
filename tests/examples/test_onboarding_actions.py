"""The actions by themselves: called as functions, in the test's transaction."""

from datetime import UTC, datetime

import pytest

from actions import Context, Final, registry, schema
from actions.context import ActionLog
from onboarding.actions import create_invoice, create_user_record, send_welcome_email
from onboarding.models import Invoice, OnboardedUser

ADA = {"email": "ada@example.com", "name": "Ada"}


@pytest.fixture
def ctx() -> Context:
    return Context(
        execution_id="exec_1",
        attempt=1,
        idempotency_key="key-1",
        log=ActionLog(lambda: datetime(2026, 11, 22, tzinfo=UTC)),
        read_secret=lambda _name: "",
    )


@pytest.mark.django_db
def test_a_created_user_is_found_by_the_id_in_the_result(ctx):
    result = create_user_record(ctx, **ADA)

    user = OnboardedUser.objects.by_public_id(result["id"])
    assert (user.email, user.name, user.plan) == ("ada@example.com", "Ada", "free")


@pytest.mark.django_db
def test_the_same_address_makes_no_second_user_however_it_is_written(ctx):
    create_user_record(ctx, **ADA)

    with pytest.raises(Final, match="ADA@example") as taken:
        create_user_record(ctx, email="ADA@example.com", name="Ada")

    assert taken.value.code == "email_taken"
    assert OnboardedUser.objects.count() == 1


@pytest.mark.django_db
def test_a_letter_to_nobody_is_final_and_names_whom_it_was_for(ctx):
    with pytest.raises(Final, match="usr_99") as missing:
        send_welcome_email(ctx, userId="usr_99")

    assert missing.value.code == "user_not_found"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "public_id", ["usr_", "usr_0", "usr_-1", "12345", "usr_1 ", "usr_" + "9" * 19]
)
def test_what_is_no_id_of_a_user_finds_nobody(public_id):
    assert OnboardedUser.objects.by_public_id(public_id) is None


@pytest.mark.django_db
def test_an_invoice_says_what_it_bills(ctx):
    result = create_invoice(ctx, orderId="order-12345", amount=4990, currency="EUR")

    invoice = Invoice.objects.get()
    assert result == {
        "id": invoice.public_id,
        "orderId": "order-12345",
        "amount": 4990,
        "currency": "EUR",
    }


@pytest.mark.django_db
def test_every_action_says_in_its_log_what_it_has_done(ctx):
    user = create_user_record(ctx, **ADA)

    [line] = ctx.log.take()
    assert line.message == "Created the user"
    assert line.fields == {"user_id": user["id"], "plan": "free"}


@pytest.mark.parametrize(
    ("name", "params", "pointer"),
    [
        ("create-user-record", {"email": "ada", "name": "Ada"}, "/email"),
        ("create-user-record", {**ADA, "plan": "gold"}, "/plan"),
        ("create-user-record", {**ADA, "admin": True}, "/admin"),
        ("send-welcome-email", {"userId": "12345"}, "/userId"),
        ("send-welcome-email", {"userId": "usr_1", "template": "spam"}, "/template"),
        ("create-invoice", {"orderId": "o", "amount": 0}, "/amount"),
        ("create-invoice", {"orderId": "o", "amount": 49.9}, "/amount"),
        ("create-invoice", {"orderId": "", "amount": 1}, "/orderId"),
        ("provision-sandbox", {}, "/userId"),
    ],
)
def test_wrong_params_are_told_where_they_are_wrong(name, params, pointer):
    problems = schema.violations(registry.get(name).params_schema, params)

    assert [problem.pointer for problem in problems] == [pointer]


@pytest.mark.parametrize(
    ("name", "effect", "is_repeatable"),
    [
        ("create-user-record", "transactional", False),
        ("send-welcome-email", "external", True),
        ("provision-sandbox", "external", True),
        ("create-invoice", "transactional", False),
        ("send-invitation", "external", True),
        ("tally-users", "none", False),
        ("tally-invoices", "none", False),
        ("send-report", "external", True),
    ],
)
def test_every_action_of_the_story_says_what_it_does_to_the_world(name, effect, is_repeatable):
    spec = registry.get(name)

    assert (spec.effect, spec.repeatable) == (effect, is_repeatable)
    assert spec.description
    assert all(field.get("description") for field in spec.params_schema["properties"].values())
