"""Where the service is, and who calls it."""

import os
from collections.abc import Callable, Iterator

import pytest

from conformance.api import Api, new_name
from conformance.subject.workflows import DOCUMENTS
from do_sdk import Do

EVERYTHING = (
    *("actions:read", "actions:execute", "executions:read", "executions:write"),
    *("runs:read", "runs:write"),
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take the service's address and a key."""
    parser.addoption("--base-url", default=os.environ.get("DO_API_URL"), help="the site's address")
    parser.addoption(
        "--api-key", default=os.environ.get("DO_API_KEY"), help="a key with every scope and admin"
    )
    parser.addoption(
        "--max-body-bytes", type=int, default=1_048_576, help="the service's largest body"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Stop where there is nothing to check."""
    if not (config.getoption("base_url") and config.getoption("api_key")):
        raise pytest.UsageError(
            "Say which service is to be checked: --base-url and --api-key, or DO_API_URL and "
            "DO_API_KEY. conformance/README.md has the rest."
        )


@pytest.fixture(scope="session")
def base_url(request: pytest.FixtureRequest) -> str:
    """The site's address."""
    return str(request.config.getoption("base_url")).rstrip("/")


@pytest.fixture(scope="session")
def api(request: pytest.FixtureRequest, base_url: str) -> Iterator[Api]:
    """A caller who may do everything."""
    found = Api(base_url, request.config.getoption("api_key"))
    yield found
    found.close()


@pytest.fixture(scope="session")
def do(request: pytest.FixtureRequest, base_url: str) -> Iterator[Do]:
    """The same caller by the Python client."""
    with Do(request.config.getoption("api_key"), base_url=base_url) as found:
        yield found


@pytest.fixture(scope="session")
def workflows(api: Api) -> None:
    """The workflows that the suite runs, published once in the life of the service."""
    for document in DOCUMENTS:
        made = api.post("/workflows", document)
        if made.status_code != 409:
            seen = {"If-Match": made.headers["etag"]}
            published = api.post(f"/workflows/{document['workflow']}/versions", {}, headers=seen)
            assert published.status_code == 201, published.text


@pytest.fixture
def other(api: Api) -> Iterator[Callable[..., Api]]:
    """Make a caller with an API key of its own, which is revoked in the end."""
    made: list[tuple[str, Api]] = []

    def begin(*scopes: str) -> Api:
        wish = {"name": "conformance", "scopes": list(scopes or EVERYTHING)}
        answer = api.post("/api-keys", wish)
        assert answer.status_code == 201, answer.text
        made.append((answer.json()["prefix"], Api(api.base_url, answer.json()["key"])))
        return made[-1][1]

    yield begin
    for prefix, caller in made:
        caller.close()
        api.client.delete(f"/api-keys/{prefix}")


@pytest.fixture
def name() -> str:
    """A name, or a key, that nobody has used."""
    return new_name()
