"""The demo's story with real workers: one refused mail, one repair, one invoice from two calls."""

import pytest
from django.core.management import CommandError, call_command

from actions import executions
from actions.actors import Actor
from actions.models import Attempt, Execution
from onboarding.demo import control, mail_state
from onboarding.models import Invoice, OnboardedUser
from tests.fixtures.waiting import wait_until

OPERATOR = Actor(kind="user", id="1", label="ops")


@pytest.fixture
def story(cloned_database, services, qcluster):
    """The demo's installation with one worker process."""
    qcluster(workers=1, env=services.env)
    return services


def executed(name: str) -> Execution:
    return Execution.objects.get(action_name=name)


def ended(execution: Execution) -> Execution:
    def look() -> bool:
        execution.refresh_from_db()
        return execution.is_terminal

    wait_until(look, what=f"the end of {execution}")
    return execution


def test_the_first_start_tells_the_story(story):
    call_command("seed_demo")

    mail = executed("send-welcome-email")
    assert executed("create-user-record").result == {"id": "usr_12345"}
    assert (mail.status, mail.error_code) == ("failed", "smtp_connect_refused")
    assert mail.error["message"] == f"SMTP connection refused by 127.0.0.1:{story.smtp_port}"
    assert Attempt.objects.filter(execution=mail).count() == 3
    # Somebody watches: the failure has to be there before they look away.
    assert (mail.finished_at - mail.queued_at).total_seconds() < 5
    assert mail_state().is_up
    assert executed("create-invoice").replay_count == 1
    assert Invoice.objects.count() == 1
    assert executed("provision-sandbox").result["sandboxId"].startswith("sbx_")


def test_a_rerun_after_the_repair_sends_the_letter(story):
    call_command("seed_demo")

    again = executions.rerun(execution_id=executed("send-welcome-email").id, by=OPERATOR)

    assert ended(again).status == "succeeded"
    [mail] = control.mail()["mails"]
    assert mail["to"] == ["ada@example.com"]
    assert mail["message_id"] == again.result["messageId"]


def test_a_second_start_tells_nothing_again(story):
    call_command("seed_demo")
    control.switch_mail("stop")
    count = Execution.objects.count()

    call_command("seed_demo")

    assert Execution.objects.count() == count
    assert executed("create-invoice").replay_count == 1
    assert OnboardedUser.objects.count() == 1
    assert not mail_state().is_up


def test_without_a_worker_the_seed_says_what_to_start_and_goes_on_later(
    cloned_database, services, qcluster
):
    with pytest.raises(CommandError, match=r"still queued after 0\.2 s.*qcluster"):
        call_command("seed_demo", "--patience", "0.2")

    qcluster(workers=1, env=services.env)
    call_command("seed_demo")

    assert Execution.objects.count() == 4
    assert executed("send-welcome-email").status == "failed"
