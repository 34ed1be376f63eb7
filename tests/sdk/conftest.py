"""A service for a whole module: a web server and a worker on a database, behind a proxy."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from actions import access, definitions
from actions.actors import SYSTEM
from do_sdk import Do
from tests.fixtures.database import cloned
from tests.fixtures.running import begin_qcluster, begin_web_server, starting
from tests.sdk import wrapping
from tests.sdk.drivers import DRIVERS, Driver
from tests.sdk.http_proxy import HttpProxy

# All that an operator may do, whom approvals ask.
SCOPES = tuple(sorted(access.ROLES["operator"]))

# The service holds an answer back for a second at most, so that callers have to ask again.
SHORT_WAIT = {"ACTIONSITE_WAIT_MAX_SECONDS": "1"}


@dataclass(frozen=True, kw_only=True)
class Service:
    """Where it is, a key that may do what a program does, and the proxy in front."""

    url: str
    key: str
    proxy: HttpProxy


@pytest.fixture(scope="module")
def service(
    django_db_setup, django_db_blocker, collected_static, tmp_path_factory
) -> Iterator[Service]:
    """One for the module, whose tests tell their executions apart by `name`."""
    place = tmp_path_factory.mktemp("service")
    with cloned(django_db_blocker), starting(place) as start:
        definitions.sync()
        wrapping.publish()
        server = begin_web_server(start, env=SHORT_WAIT)
        begin_qcluster(start)
        key = new_key(*SCOPES)
        with Do(key, base_url=server.url) as do:
            do.action.execute("probe-nothing").unwrap()
        proxy = HttpProxy(upstream_port=urlsplit(server.url).port)
        proxy.start()
        yield Service(url=server.url, key=key, proxy=proxy)
        proxy.stop()


@pytest.fixture(scope="module", params=DRIVERS)
def driver(request, service) -> Iterator[Driver]:
    """Each client in its turn, on the far side of the proxy."""
    found = DRIVERS[request.param](service.proxy.url, service.key)
    yield found
    found.close()


@pytest.fixture(params=["action", "workflow"])
def of(request) -> str:
    """What is called: an action, or a workflow that has it for its only step."""
    return request.param


@pytest.fixture
def proxy(service) -> HttpProxy:
    """The proxy, which has seen nothing yet."""
    service.proxy.reset()
    return service.proxy


@pytest.fixture
def name() -> str:
    """What tells the executions of this test apart."""
    return f"name-{uuid4().hex[:12]}"


@pytest.fixture
def as_other(service) -> Iterator[Callable[..., Any]]:
    """Make a client like the driver's with an API key of those scopes, or with an unknown one."""
    made: list[Driver] = []

    def begin(like: Driver, *scopes: str) -> Driver:
        kind = next(kind for kind in DRIVERS if is_of(kind, like))
        key = new_key(*scopes) if scopes else "as_nobody_unknown"
        made.append(DRIVERS[kind](service.proxy.url, key))
        return made[-1]

    yield begin
    for one in made:
        one.close()


def is_of(kind: str, driver: Driver) -> bool:
    """Whether that driver drives that client."""
    client = getattr(driver, "client", None)
    return type(client).__name__ == kind if client else kind == "JavaScript"


def new_key(*scopes: str) -> str:
    """A new API key of those scopes."""
    return access.create_key(name="tests", scopes=scopes, by=SYSTEM)[1]
