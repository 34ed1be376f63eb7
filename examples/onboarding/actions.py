"""The actions of onboarding, and of the report on it. Each either completes or leaves no trace.

A function's signature is its contract: the types become the schema that requests are checked
against and that forms and the API's description show.
"""

from datetime import date
from email.message import EmailMessage
from typing import Annotated, Literal

from django.conf import settings
from pydantic import Field
from typing_extensions import TypedDict

from actions import Context, Final, action
from onboarding import letters, sandboxes, smtp
from onboarding.models import Invoice, OnboardedUser

Email = Annotated[
    str,
    Field(
        description="Where the user gets mail",
        max_length=254,
        examples=["ada@example.com"],
        json_schema_extra={"format": "email"},
    ),
]
PersonName = Annotated[
    str, Field(description="How to address them", min_length=1, max_length=200, examples=["Ada"])
]
Plan = Annotated[
    Literal["free", "team", "enterprise"], Field(description="What they signed up for")
]
UserId = Annotated[
    str,
    Field(
        description="The user, as create-user-record returned it",
        pattern=r"^usr_[1-9][0-9]*$",
        max_length=30,
        examples=["usr_12345"],
    ),
]
OrderId = Annotated[
    str,
    Field(
        description="The order that is billed",
        min_length=1,
        max_length=100,
        examples=["order-12345"],
    ),
]
Amount = Annotated[
    int,
    Field(
        description="In the currency's smallest unit: 4990 is 49.90 EUR",
        gt=0,
        le=10**12,
        examples=[4990],
    ),
]
Currency = Annotated[Literal["EUR", "USD", "GBP"], Field(description="ISO 4217")]
Letter = Annotated[letters.Template, Field(description="Which welcome letter")]
Day = Annotated[date, Field(description="The day, in UTC", examples=["2026-11-22"])]


class CreatedUser(TypedDict):
    """The user that now exists."""

    id: str


class SentEmail(TypedDict):
    """The letter that the mail server has accepted."""

    to: str
    messageId: str


class Sandbox(TypedDict):
    """The sandbox that the user now has."""

    sandboxId: str
    url: str


class IssuedInvoice(TypedDict):
    """The invoice that now exists."""

    id: str
    orderId: str
    amount: int
    currency: str


class UserCount(TypedDict):
    """How many users joined on a day, and how many there are."""

    joined: int
    total: int


class InvoiceSum(TypedDict):
    """How many invoices were issued on a day, and what they come to, by currency."""

    count: int
    amounts: dict[str, int]


CountedUsers = Annotated[UserCount, Field(description="As tally-users returned it")]
SummedInvoices = Annotated[InvoiceSum, Field(description="As tally-invoices returned it")]

# Three tries within about three seconds: somebody watches the demo. A real service would wait
# for minutes, as the default policy does.
_SOON = {"max_attempts": 3, "delay_seconds": 1, "max_delay_seconds": 2, "jitter": "none"}


@action("create-user-record", effect="transactional")
def create_user_record(
    ctx: Context, *, email: Email, name: PersonName, plan: Plan = "free"
) -> CreatedUser:
    """Add a user; the id in the result names them to the other actions."""
    if OnboardedUser.objects.with_email(email).exists():
        raise Final("email_taken", f"There is a user with the address {email} already.")
    user = OnboardedUser.objects.create(email=email, name=name, plan=plan)
    ctx.log.info("Created the user", user_id=user.public_id, plan=plan)
    return {"id": user.public_id}


@action("send-welcome-email", effect="external", repeatable=True, timeout=20, retry=_SOON)
def send_welcome_email(
    ctx: Context,
    *,
    userId: UserId,  # noqa: N803 - the name that requests use
    template: Letter = "new-user-welcome-v2",
) -> SentEmail:
    """Send the user a welcome letter; a repeat carries the same Message-ID."""
    user = _user(userId)
    message_id = letters.message_id_of(ctx.idempotency_key)
    letter = letters.welcome(
        template=template,
        to=user.email,
        name=user.name,
        user_id=user.public_id,
        message_id=message_id,
    )
    return _sent(ctx, letter, to=user.email, message_id=message_id)


@action("send-invitation", effect="external", repeatable=True, timeout=20, retry=_SOON)
def send_invitation(
    ctx: Context,
    *,
    userId: UserId,  # noqa: N803 - the name that requests use
    email: Email,
) -> SentEmail:
    """Invite somebody whom a user brings along; a repeat carries the same Message-ID."""
    message_id = letters.message_id_of(ctx.idempotency_key)
    letter = letters.invitation(to=email, host=_user(userId).name, message_id=message_id)
    return _sent(ctx, letter, to=email, message_id=message_id)


@action("provision-sandbox", effect="external", repeatable=True, timeout=30)
async def provision_sandbox(
    ctx: Context,
    *,
    userId: UserId,  # noqa: N803 - the name that requests use
) -> Sandbox:
    """Make a sandbox for the user over HTTP; the service gives the same one for the same key."""
    url = f"http://127.0.0.1:{settings.ACTIONSITE_DEMO_HTTP_PORT}/sandboxes"
    ctx.log.info("Asking for a sandbox", user_id=userId, url=url)
    made = await sandboxes.request(url, user_id=userId, key=ctx.idempotency_key)
    ctx.log.info("The sandbox is there", sandbox_id=made["sandboxId"])
    return {"sandboxId": made["sandboxId"], "url": made["url"]}


@action("create-invoice", effect="transactional")
def create_invoice(
    ctx: Context,
    *,
    orderId: OrderId,  # noqa: N803 - the name that requests use
    amount: Amount,
    currency: Currency = "EUR",
) -> IssuedInvoice:
    """Bill an order; send a key such as invoice-order-12345, and a repeat bills it once."""
    invoice = Invoice.objects.create(order_id=orderId, amount=amount, currency=currency)
    ctx.log.info("Issued the invoice", invoice_id=invoice.public_id, order_id=orderId)
    return {
        "id": invoice.public_id,
        "orderId": orderId,
        "amount": amount,
        "currency": currency,
    }


@action("tally-users", effect="none")
def tally_users(ctx: Context, *, day: Day) -> UserCount:
    """Count the users who joined on a day, and all of them."""
    joined = OnboardedUser.objects.joined_on(day).count()
    ctx.log.info("Counted the users", joined=joined)
    return {"joined": joined, "total": OnboardedUser.objects.count()}


@action("tally-invoices", effect="none")
def tally_invoices(ctx: Context, *, day: Day) -> InvoiceSum:
    """Add up the invoices of a day."""
    issued = Invoice.objects.issued_on(day)
    count = issued.count()
    ctx.log.info("Added up the invoices", count=count)
    return {"count": count, "amounts": issued.amounts()}


@action("send-report", effect="external", repeatable=True, timeout=20, retry=_SOON)
def send_report(
    ctx: Context, *, day: Day, users: CountedUsers, invoices: SummedInvoices
) -> SentEmail:
    """Mail the figures of a day to the team; a repeat carries the same Message-ID."""
    message_id = letters.message_id_of(ctx.idempotency_key)
    figures = {
        "Users who joined": str(users["joined"]),
        "Users in all": str(users["total"]),
        "Invoices": str(invoices["count"]),
        **{f"Billed in {each}": _money(sum_) for each, sum_ in invoices["amounts"].items()},
    }
    letter = letters.report(day=day, figures=figures, message_id=message_id)
    return _sent(ctx, letter, to=letters.TEAM.addr_spec, message_id=message_id)


def _money(amount: int) -> str:
    return f"{amount // 100}.{amount % 100:02d}"


def _sent(ctx: Context, letter: EmailMessage, *, to: str, message_id: str) -> SentEmail:
    ctx.log.info("Sending the letter", to=to, message_id=message_id)
    smtp.deliver(letter, host="127.0.0.1", port=settings.ACTIONSITE_DEMO_SMTP_PORT)
    ctx.log.info("The mail server has accepted the letter")
    return {"to": to, "messageId": message_id}


def _user(public_id: str) -> OnboardedUser:
    user = OnboardedUser.objects.by_public_id(public_id)
    if user is None:
        raise Final("user_not_found", f"There is no user {public_id}; create the record first.")
    return user
