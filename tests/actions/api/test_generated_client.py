"""The OpenAPI document makes a working client with a public generator."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from django.core.management import call_command

from actions import access, definitions
from actions.actors import SYSTEM
from tests.actions.api.generating import generate

SCOPES = ("actions:read", "actions:execute", "executions:read", "executions:write")


@pytest.fixture(scope="module")
def generated(tmp_path_factory) -> Iterator[Path]:
    """A directory in which the generated package stands; every call was understood."""
    place = tmp_path_factory.mktemp("generated")
    document = place / "openapi.yaml"
    call_command("spectacular", "--file", str(document))
    generate(document)
    sys.path.insert(0, str(place))
    yield place
    sys.path.remove(str(place))


def call(name: str) -> ModuleType:
    return importlib.import_module(f"actionsite_client.api.{name}")


@pytest.mark.usefixtures("generated", "cloned_database")
def test_a_generated_client_executes_waits_and_reads(qcluster, web_server):
    definitions.sync()
    package = importlib.import_module("actionsite_client")
    models = importlib.import_module("actionsite_client.models")
    key = access.create_key(name="tests", scopes=SCOPES, by=SYSTEM)[1]
    server = web_server()
    qcluster(workers=1)
    client = package.AuthenticatedClient(
        base_url=server.url, token=key, raise_on_unexpected_status=True
    )
    body = models.ExecuteActionBody.from_dict({"params": {"value": 7}})

    with client:
        execute = call("actions.execute_action").sync_detailed
        first = execute("probe-echo", client=client, body=body, idempotency_key="k-1", wait=20)
        again = execute("probe-echo", client=client, body=body, idempotency_key="k-1", wait=20)
        read = call("executions.read_execution").sync_detailed
        found = read(first.parsed.id, client=client)
        unknown = read("exec_00000000000000000000000000", client=client)

    assert (first.status_code, first.parsed.status.value) == (200, "succeeded")
    assert first.parsed.result == 7
    assert again.parsed.replayed is True
    assert found.parsed.id == first.parsed.id
    assert (unknown.status_code, unknown.parsed.code) == (404, "execution-not-found")
