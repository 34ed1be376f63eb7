"""The demo's story with real workers: refused mail, one repair, and what people did since."""

from collections import Counter

import pytest
from django.core.management import CommandError, call_command

from actions.models import Attempt, Execution
from onboarding.demo import control, mail_state, past
from onboarding.models import Invoice, OnboardedUser
from workflows.models import Run, Step


@pytest.fixture
def story(cloned_database, services, qcluster):
    """The demo's installation with one worker process."""
    qcluster(workers=1, env=services.env)
    return services


def run_of(asked: past.Asked) -> Run:
    return Run.objects.get(idempotency_key=asked.key)


def execution_of(asked: past.Asked, step: str) -> Execution:
    return Execution.objects.get(id=Step.objects.get(run=run_of(asked), name=step).execution_id)


def told() -> tuple[int, ...]:
    """How much there is of what a story leaves behind."""
    return tuple(kept.objects.count() for kept in (Run, Execution, Invoice, OnboardedUser))


def test_the_first_start_tells_the_story(story):
    call_command("seed_demo")

    mail = execution_of(past.ADA, "welcome")
    assert execution_of(past.ADA, "create_user").result == {"id": "usr_12345"}
    assert (mail.status, mail.error_code) == ("failed", "smtp_connect_refused")
    assert mail.error["message"] == f"SMTP connection refused by 127.0.0.1:{story.smtp_port}"
    assert Attempt.objects.filter(execution=mail).count() == 3
    # Somebody watches: the failure has to be there before they look away.
    assert (mail.finished_at - mail.queued_at).total_seconds() < 5
    assert mail_state().is_up
    assert Execution.objects.get(action_name="create-invoice").replay_count == 1
    assert Invoice.objects.count() == 1
    check_that_runs_stand_in_every_way()


def check_that_runs_stand_in_every_way() -> None:
    failed = {run_of(asked).status for asked in (past.ADA, past.GRACE)}
    ended = {asked.key: run_of(asked).status for asked in (past.HEDY, past.JEAN, past.EDSGER)}
    [again] = Run.objects.filter(rerun_of__isnull=False)
    assert failed == {"failed"}
    assert (again.rerun_of, again.status) == (run_of(past.GRACE), "succeeded")
    assert list(ended.values()) == ["waiting", "succeeded", "cancelled"]
    assert run_of(past.KATHERINE).status == "succeeded"
    invited = Step.objects.elements(run_of(past.KATHERINE).id, "invite")
    assert Counter(element.status for element in invited) == {"succeeded": 2, "failed": 1}


def test_a_second_start_tells_nothing_again(story):
    call_command("seed_demo")
    control.switch_mail("stop")
    before = told()

    call_command("seed_demo")

    assert told() == before
    assert Execution.objects.get(action_name="create-invoice").replay_count == 1
    assert not mail_state().is_up


def test_without_a_worker_the_seed_says_what_to_start_and_goes_on_later(
    cloned_database, services, qcluster
):
    with pytest.raises(CommandError, match=r"not ready after 0\.2 s.*qcluster"):
        call_command("seed_demo", "--patience", "0.2")

    qcluster(workers=1, env=services.env)
    call_command("seed_demo")

    assert run_of(past.ADA).status == "failed"
    assert run_of(past.ALAN).status == "succeeded"
    assert Run.objects.filter(status__in=["queued", "running"]).count() == 0
