"""An app that lies outside of this repository, known by ACTIONSITE_APPS and PYTHONPATH alone."""

import os

import httpx2
import pytest

from actions import access
from actions.actors import SYSTEM
from actions.models import Action
from tests.fixtures.running import Running

CODE = '''\
from actions import Context, Final, action


@action("greet-customer", effect="none")
def greet_customer(ctx: Context, *, name: str, polite: bool = True) -> str:
    """Say hello to a customer."""
    if not name:
        raise Final("nobody", "There is nobody to greet.")
    ctx.log.info("Greeting", name=name)
    return f"Good morning, {name}" if polite else f"Hi {name}"
'''
SCOPES = [access.READ_ACTIONS, access.EXECUTE_ACTIONS, access.READ_EXECUTIONS]


@pytest.fixture
def outside(tmp_path) -> dict[str, str]:
    """The app's files, and the environment that names it."""
    directory = tmp_path / "elsewhere"
    (directory / "crm").mkdir(parents=True)
    (directory / "crm" / "__init__.py").touch()
    (directory / "crm" / "actions.py").write_text(CODE)
    path = os.pathsep.join([str(directory), os.environ["PYTHONPATH"]])
    return {"ACTIONSITE_APPS": "onboarding,crm", "PYTHONPATH": path}


def call(server: Running, key: str, path: str, body: object = None) -> dict:
    answer = httpx2.request(
        "GET" if body is None else "POST",
        f"{server.url}/api/v1{path}",
        json=body,
        headers={"Authorization": f"Bearer {key}"},
        timeout=20,
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_sync_brings_the_apps_action_to_the_catalogue(cloned_database, outside, run_manage):
    said = run_manage("sync_actions", env=outside).stdout

    assert "added greet-customer\n" in said
    action = Action.objects.named("greet-customer")
    assert action.current.description == "Say hello to a customer."
    assert list(action.current.params_schema["properties"]) == ["name", "polite"]


def test_the_apps_action_is_on_the_page_in_the_api_and_can_be_executed(
    cloned_database, outside, run_manage, web_server, qcluster, client
):
    run_manage("sync_actions", env=outside)
    qcluster(env=outside)
    server = web_server(env=outside)
    _, key = access.create_key(name="crm", scopes=SCOPES, by=SYSTEM)
    client.force_login(
        access.create_user(username="ada", password="a long one", role="viewer", by=SYSTEM)
    )

    listed = call(server, key, "/actions/greet-customer")
    done = call(server, key, "/actions/greet-customer/executions", {"params": {"name": "Ada"}})
    page = client.get("/actions/greet-customer")

    assert listed["effect"] == "none"
    assert (done["status"], done["result"]) == ("succeeded", "Good morning, Ada")
    assert "Say hello to a customer." in page.content.decode()
