"""Tries to sign in with a password: they take turns, a refused series is noted, old ones go away.

Floor 4. django-axes keeps the tries that failed in its own tables, counts them and refuses more; it
is set up in actionsite/login.
"""

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from axes.models import AccessAttempt
from django.conf import settings
from django.db import connection
from django.db.models import Max
from django.utils import timezone

from actions import audit
from actions.actors import SYSTEM
from actions.deeds import Deed, Target

logger = logging.getLogger(__name__)

_LOCK = 0x6C6F6769  # "logi": the turns of one login from one address
_TAKE_TURNS = "SELECT pg_advisory_xact_lock(%s, hashtext(%s))"
_MAX_ID = 100  # characters of an audit event's column
# No cool-off is longer.
_KEPT = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Login:
    """What failures are counted by: a user name, which somebody may have, and an address."""

    username: str
    address: str | None

    def take_turns(self) -> None:
        """Wait for the transactions that took a turn with this login before; ends with this one.

        Else a hundred tries at once were all let through before the first of them is counted.
        """
        with connection.cursor() as cursor:
            cursor.execute(_TAKE_TURNS, [_LOCK, f"{self.address} {self.username}"])

    def refused_until(self) -> datetime:
        """When the cool-off is over; now if nothing has failed."""
        failed = AccessAttempt.objects.filter(username=self.username, ip_address=self.address)
        last: datetime | None = failed.aggregate(last=Max("attempt_time"))["last"]
        return last + settings.AXES_COOLOFF_TIME if last else timezone.now()


def note_refused(login: Login, *, failures: int, until: datetime, request_id: str) -> None:
    """Write into the audit log and the process's log that no more tries are taken from now on."""
    on = Target(kind="login", id=login.username[:_MAX_ID], label=login.username)
    audit.note(
        Deed.LOGIN_REFUSED,
        by=replace(SYSTEM, request_id=request_id),
        on=on,
        facts={"address": login.address, "failures": failures, "ends_at": until.isoformat()},
    )
    logger.warning(
        "Signing in as %r from %s is refused until %s, after %d failures.",
        login.username,
        login.address or "an unknown address",
        until.isoformat(timespec="seconds"),
        failures,
    )


def forget_old() -> None:
    """Remove the failures that count no more."""
    AccessAttempt.objects.filter(attempt_time__lt=timezone.now() - _KEPT).delete()


def drop_what_was_sent(instance: AccessAttempt, **_: Any) -> None:
    """Before a row of axes is saved: leave out what was in the form and in the address."""
    instance.get_data = instance.post_data = ""
