"""A log to seal, and somebody who can change it although nobody may."""

from collections.abc import Callable
from datetime import datetime, timedelta

import psycopg
import pytest
from django.utils import timezone

from actions import audit, seals
from actions.deeds import Deed, Target
from actions.models import Execution
from tests.fixtures.engine import TESTER, Engine

TARGET = Target(kind="action", id="probe-mark", label="probe-mark")


def this_hour() -> datetime:
    """A moment at which all is to be sealed but this hour, however young it is."""
    return timezone.now().replace(minute=6, second=0, microsecond=0)


def later(hours: int = 2) -> datetime:
    """A moment at which this hour, or so many hours, are over."""
    return timezone.now() + timedelta(hours=hours)


def seal_all(hours: int = 2) -> None:
    """Seal all hours that are over then."""
    while seals.seal_next(now=later(hours)):
        pass


@pytest.fixture
def sealed(engine: Engine) -> list[Execution]:
    """Two executions with events and lines, and two audit events, under the second seal of some."""
    assert seals.seal_next(now=this_hour()) is not None
    executions = [engine.run("probe-flaky", name=name, fail_times=0) for name in ("a", "b")]
    for number in range(2):
        audit.note(Deed.ACTION_DISABLED, by=TESTER, on=TARGET, facts={"number": number})
    seal_all()
    return executions


@pytest.fixture
def tamper(cloned_database) -> Callable[..., None]:
    """Run a statement as a superuser who has switched the triggers off."""

    def run(statement: str, *params: object) -> None:
        with psycopg.connect(cloned_database) as superuser:
            superuser.execute("SET session_replication_role = replica")
            superuser.execute(statement, params)

    return run
