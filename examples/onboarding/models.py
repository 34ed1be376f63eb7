"""What onboarding writes: users and invoices."""

import re
from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import Q, Sum
from django.db.models.functions import Upper

_PUBLIC_ID = re.compile(r"usr_([1-9][0-9]{0,17})", re.ASCII)


class OnboardedUserQuerySet(models.QuerySet["OnboardedUser"]):
    """Reads of the users."""

    def by_public_id(self, public_id: str) -> "OnboardedUser | None":
        """The user that programs know as `usr_…`, or None."""
        found = _PUBLIC_ID.fullmatch(public_id)
        return self.filter(pk=int(found[1])).first() if found else None

    def with_email(self, email: str) -> "OnboardedUserQuerySet":
        """Those with that address, however it is capitalised: one at most."""
        return self.filter(email__iexact=email)

    def joined_on(self, day: date) -> "OnboardedUserQuerySet":
        """Those who joined on that day, in UTC."""
        return self.filter(created_at__date=day)


class OnboardedUser(models.Model):
    """Somebody who signed up; numbered from 12345."""

    email = models.CharField(max_length=254)
    name = models.CharField(max_length=200)
    plan = models.CharField(max_length=20)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = OnboardedUserQuerySet.as_manager()

    class Meta:
        """One user per address."""

        constraints: ClassVar = [
            # Upper, because that is what the look-up __iexact compares by.
            models.UniqueConstraint(Upper("email"), name="user_has_an_address_of_their_own"),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def public_id(self) -> str:
        """The id by which other systems know this user."""
        return f"usr_{self.pk}"


class InvoiceQuerySet(models.QuerySet["Invoice"]):
    """Reads of the invoices."""

    def issued_on(self, day: date) -> "InvoiceQuerySet":
        """Those of that day, in UTC."""
        return self.filter(issued_at__date=day)

    def amounts(self) -> dict[str, int]:
        """What they come to, by currency, in its smallest unit."""
        sums = self.values_list("currency").annotate(Sum("amount"))
        return dict(sums.order_by("currency"))


class Invoice(models.Model):
    """What one order costs, as it was billed.

    Nothing here keeps an order from having two: one request makes one invoice because of its
    idempotency key, and a second invoice for the order is a request of its own.
    """

    order_id = models.CharField(max_length=100, db_index=True)
    amount = models.BigIntegerField(help_text="in the currency's smallest unit")
    currency = models.CharField(max_length=3)
    issued_at = models.DateTimeField(auto_now_add=True)

    objects = InvoiceQuerySet.as_manager()

    class Meta:
        """An invoice is over something."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="invoice_amount_is_positive"),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def public_id(self) -> str:
        """The id by which other systems know this invoice."""
        return f"inv_{self.pk}"
