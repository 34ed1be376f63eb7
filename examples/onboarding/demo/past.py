"""Who signed up before the visitor came: the runs that the demo's first start asks for."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from actions.jsontypes import JSONObject
from onboarding.demo.mailbox import NOBODY


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A run that was asked for, and the idempotency key that keeps it from being asked for twice."""

    workflow: str
    key: str
    params: JSONObject


def _signed_up(name: str, plan: str = "free", *teammates: str) -> Asked:
    address = f"{name.split(maxsplit=1)[0].lower()}@example.com"
    return Asked(
        workflow="process-new-user",
        key=f"signup-{address}",
        params={"email": address, "name": name, "plan": plan, "teammates": list(teammates)},
    )


def report(*, days_ago: int) -> Asked:
    """The report on a day before this one."""
    day = datetime.now(UTC).date() - timedelta(days=days_ago)
    return Asked(
        workflow="nightly-report", key=f"report-{days_ago}", params={"day": day.isoformat()}
    )


# While the mail server is down. Ada is the visitor's to help.
ADA = _signed_up("Ada Lovelace", "team", "charles@example.com", "mary@example.com")
GRACE = _signed_up("Grace Hopper")

# Once it is up again.
ALAN = _signed_up("Alan Turing")
KATHERINE = _signed_up(
    "Katherine Johnson", "team", "dorothy@example.com", f"{NOBODY}example.com", "jane@example.com"
)
JOHN = _signed_up("John Backus", "team")
# Somebody is asked about these: the first waits, the second is approved, the third gives up.
HEDY = _signed_up("Hedy Lamarr", "enterprise")
JEAN = _signed_up("Jean Bartik", "enterprise", "betty@example.com")
EDSGER = _signed_up("Edsger Dijkstra", "enterprise")
