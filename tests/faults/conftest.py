"""What every fault test shares: a catalogue, load, and the promises checked at the end."""

from collections.abc import Callable, Iterator

import pytest
from django.db import connection

from actions import definitions, executions
from actions.models import Execution
from actions.promises import broken_promises
from tests.faults.accounts import Account
from tests.faults.proxy import Proxy
from tests.faults.ward import Ward
from tests.fixtures.engine import TESTER
from tests.fixtures.waiting import wait_until
from tests.probe.models import Mark


@pytest.fixture
def catalogue(cloned_database) -> None:
    """A database with the catalogue in it."""
    definitions.sync()


class Load:
    """Executions of every effect, and what must be true of them in the end."""

    def submit(self, count: int, *, action: str = "probe-mark") -> None:
        """Submit so many, each with a name of its own."""
        done = Execution.objects.count()
        for number in range(done, done + count):
            executions.submit(action=action, params={"name": f"mark {number}"}, by=TESTER)

    def is_over(self) -> bool:
        """Whether every execution has ended."""
        return not Execution.objects.filter(finished_at__isnull=True).exists()

    def check(self, *, timeout: float = 60) -> None:
        """Wait for the end: nothing lost, one effect each, every promise kept."""
        wait_until(self.is_over, timeout=timeout, what="the end of every execution")
        assert set(Execution.objects.values_list("status", flat=True)) == {"succeeded"}
        names = [params["name"] for params in Execution.objects.values_list("params", flat=True)]
        assert sorted(Mark.objects.values_list("name", flat=True)) == sorted(names)
        assert broken_promises() == []


@pytest.fixture
def load(catalogue) -> Load:
    """Submits and checks."""
    return Load()


@pytest.fixture
def account(tmp_path) -> Account:
    """What callers of this test were told, and the ledger of the service outside."""
    return Account(ledger=tmp_path / "ledger")


@pytest.fixture
def proxy(cloned_database) -> Iterator[Proxy]:
    """A proxy in front of the test's PostgreSQL."""
    proxy = Proxy(upstream=str(connection.settings_dict["HOST"]))
    proxy.start()
    yield proxy
    proxy.stop()


@pytest.fixture
def through_proxy(proxy) -> Callable[[], dict[str, str]]:
    """The environment of processes whose database connections go through the proxy."""
    name = connection.settings_dict["NAME"]
    url = f"postgresql://{connection.settings_dict['USER']}@127.0.0.1:{proxy.port}/{name}?sslmode=disable"
    return lambda: {"DATABASE_URL": url, "DATABASE_DIRECT_URL": url}


@pytest.fixture
def ward(catalogue, qcluster, tmp_path) -> Ward:
    """Gives poison to a cluster of one worker."""
    return Ward(qcluster=qcluster, directory=tmp_path)
