"""The demo's workflows: over REST with real processes as the issue tells it, the rest in here."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from actions import access, executions
from actions.actors import SYSTEM, Actor
from onboarding.demo import control, documents
from onboarding.models import OnboardedUser
from tests.fixtures.engine import TESTER, Engine
from workflows import definitions, runs, yaml
from workflows.models import Run, Step, Workflow, WorkflowVersion

ADA = {"email": "ada@example.com", "name": "Ada Lovelace", "plan": "team"}
RUNS = "/workflows/process-new-user/runs"


class Crm:
    """A program that signs users up over REST, and waits for what it asks."""

    def __init__(self, url: str) -> None:
        _, key = access.create_key(name="crm", scopes=sorted(access.ROLES["operator"]), by=SYSTEM)
        headers = {"Authorization": f"Bearer {key}", "Prefer": "wait=30"}
        self.client = httpx2.Client(
            base_url=f"{url}/api/v1", headers=headers, timeout=60, trust_env=False
        )

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = self.client.post(path, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
def crm(cloned_database, services, qcluster, web_server) -> Iterator[Crm]:
    """The program, beside real web and worker processes and the demo's services."""
    documents.bring_in()
    qcluster(workers=1, env=services.env)
    crm = Crm(web_server(env=services.env).url)
    yield crm
    crm.client.close()


@pytest.fixture
def mail(services) -> None:
    """The mail server is up."""
    control.switch_mail("start")


@pytest.fixture
def published(engine, services) -> Engine:
    """The workflows on the test's own engine."""
    documents.bring_in()
    return engine


def states(run: dict[str, Any]) -> dict[str, str]:
    return {step["name"]: step["status"] for step in run["steps"]}


def step_of(run: dict[str, Any], name: str) -> dict[str, Any]:
    return next(step for step in run["steps"] if step["name"] == name)


def started(engine: Engine, workflow: str, **params: Any) -> Run:
    run = runs.submit(workflow=workflow, params=params, by=TESTER).held
    engine.drain()
    run.refresh_from_db()
    return run


def step(run: Run, name: str) -> Step:
    return Step.objects.get(run=run, name=name, element=None)


def test_process_new_user_runs_over_rest_and_ends(crm, mail):
    run = crm.post(RUNS, {"params": ADA | {"teammates": ["charles@example.com"]}})

    assert (run["status"], run["error"]) == ("succeeded", None)
    assert states(run) == {
        "create_user": "succeeded",
        "welcome": "succeeded",
        "approve": "skipped",
        "sandbox": "succeeded",
        "invite": "succeeded",
    }
    assert run["result"]["userId"] == "usr_12345"
    assert run["result"]["sandbox"]["sandboxId"].startswith("sbx_")
    mails = {mail["to"][0]: mail["subject"] for mail in control.mail()["mails"]}
    assert mails == {
        "ada@example.com": "Welcome, Ada Lovelace",
        "charles@example.com": "Ada Lovelace invites you",
    }


def test_with_the_mail_server_down_it_stops_at_welcome_and_from_failed_reuses_the_user(
    crm, services
):
    failed = crm.post(RUNS, {"params": ADA})

    refused = f"SMTP connection refused by 127.0.0.1:{services.smtp_port}"
    assert (failed["status"], failed["error"]["step"]) == ("failed", "welcome")
    assert refused in failed["error"]["message"]
    assert states(failed) == {
        "create_user": "succeeded",
        "welcome": "failed",
        "approve": "pending",
        "sandbox": "pending",
        "invite": "pending",
    }
    control.switch_mail("start")

    asked = {"what": "from_failed", "reason": "The mail server is up again"}
    preview = crm.post(f"/runs/{failed['id']}/rerun-preview", asked)
    verdicts = {one["name"]: one["verdict"] for one in preview["steps"]}
    run = crm.post(f"/runs/{failed['id']}/rerun", asked | {"digest": preview["digest"]})

    assert verdicts["create_user"] == "reuse"
    assert {verdicts[name] for name in ("welcome", "sandbox", "invite")} == {"execute"}
    assert (run["status"], run["rerun_of"]) == ("succeeded", failed["id"])
    made, taken_over = (step_of(one, "create_user") for one in (failed, run))
    assert (taken_over["status"], taken_over["reused_from"]) == ("reused", made["execution"])
    assert OnboardedUser.objects.count() == 1
    assert [letter["to"] for letter in control.mail()["mails"]] == [["ada@example.com"]]


def test_a_free_plan_gets_no_sandbox(published, mail):
    run = started(published, "process-new-user", **ADA | {"plan": "free"})

    assert (run.status, step(run, "sandbox").status) == ("succeeded", "skipped")
    assert run.result == {"userId": "usr_12345", "sandbox": None}


def test_an_enterprise_plan_waits_for_an_operator_and_then_gets_its_sandbox(published, mail):
    run = started(published, "process-new-user", **ADA | {"plan": "enterprise"})
    assert (run.status, step(run, "sandbox").status) == ("waiting", "pending")
    assert step(run, "approve").question == "May Ada Lovelace have an enterprise account?"

    runs.answer(
        run_id=run.id,
        step="approve",
        decision="approved",
        by=Actor(kind="user", id="1", label="ops"),
        answer={"contract": "C-1"},
    )
    published.drain()

    run.refresh_from_db()
    assert (run.status, step(run, "sandbox").status) == ("succeeded", "succeeded")


def test_a_teammate_without_a_mailbox_does_not_fail_the_run(published, mail):
    teammates = ["charles@example.com", "nobody@example.com"]

    run = started(published, "process-new-user", **ADA | {"teammates": teammates})

    elements = {one.item_key: one.status for one in Step.objects.elements(run.id, "invite")}
    assert run.status == "succeeded"
    assert elements == {"charles@example.com": "succeeded", "nobody@example.com": "failed"}


def test_the_nightly_report_mails_the_figures_of_the_day(published, mail):
    order = {"orderId": "order-12345", "amount": 4990}
    executions.submit(action="create-invoice", params=order, by=TESTER)
    published.run("create-user-record", email="ada@example.com", name="Ada")

    run = started(published, "nightly-report", day=datetime.now(UTC).date().isoformat())

    assert run.result == {
        "users": {"joined": 1, "total": 1},
        "invoices": {"count": 1, "amounts": {"EUR": 4990}},
    }
    [letter] = control.mail()["mails"]
    assert "Billed in EUR: 49.90" in letter["text"]


def test_the_documents_are_published_once_and_stand_in_their_canonical_form(published):
    for file in documents.DIRECTORY.glob("*.yaml"):
        [document] = yaml.load(file.read_text())
        assert Workflow.objects.named(document["workflow"]).active.document == document
        assert yaml.dump([document]) == file.read_text()

    assert documents.bring_in() == ""
    assert WorkflowVersion.objects.count() == 2


def test_what_somebody_has_made_of_a_workflow_is_left_alone(published):
    workflow = Workflow.objects.named("nightly-report")
    mine = workflow.active.document | {"description": "Mine"}
    definitions.save_draft(workflow.name, mine, by=TESTER, expected=workflow.draft.number)
    definitions.publish(workflow.name, by=TESTER)

    assert documents.bring_in() == ""
    assert Workflow.objects.named("nightly-report").active.document == mine
