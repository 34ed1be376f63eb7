"""The story that the demo's first start tells: users are onboarded while the mail server is down.

Everything is really executed, under idempotency keys, and what has a key already is not asked for
again. So a second start tells nothing twice, and a start after an interrupted one goes on where
that stopped.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from actions import executions
from actions.actors import Actor
from actions.filters import ExecutionFilters
from actions.ids import PREFIX_REQUEST, new_id, show
from actions.jsontypes import JSONObject
from actions.models import Execution
from onboarding.demo import control, documents, mail_state, past
from onboarding.models import OnboardedUser
from workflows import runs
from workflows.filters import RunFilters
from workflows.models import Run
from workflows.runs.reruns import RerunWish
from workflows.states import RunStatus

_LOOK_EVERY_SECONDS = 0.1

CREATE_INVOICE = ("create-invoice", "invoice-order-12345")
_REPAIRED = "The mail server is up again"


class StoryInterrupted(Exception):
    """Something did not come to its end; the message says what, and what to do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Teller:
    """Asks for runs as `by`, does as `operator` what a person does, reports by `say`.

    It waits for each end at most `patience_seconds`.
    """

    by: Actor
    operator: Actor
    say: Callable[[str], None]
    patience_seconds: float = 60

    def tell(self) -> None:
        """Do what has not been done yet. Raises StoryInterrupted, CommandError, Refusal."""
        for line in documents.bring_in().splitlines():
            self.say(line)
        # Later the switch is the visitor's, and nothing fails for the story's sake.
        if not mail_state().was_ever_switched:
            self._fail()
            self._repair_mail()
        self._bill_twice()
        self._succeed()
        self._decide()

    def _fail(self) -> None:
        """Three runs that need the mail server; Ada's makes the first user."""
        first = [self._run(past.report(days_ago=1)), self._run(past.ADA)]
        ada = OnboardedUser.objects.with_email("ada@example.com")
        self._wait(lambda: ada.exists() or _is_settled(first[1]), what=past.ADA.key)
        for run in [*first, self._run(past.GRACE)]:
            self._settle(run)

    def _repair_mail(self) -> None:
        trouble = ""

        def is_up() -> bool:
            nonlocal trouble
            try:
                control.switch_mail("start")
            except control.DemoUnreachable as unreachable:
                trouble = str(unreachable)
                return False
            return True

        self._wait(is_up, what="the mail server", why=lambda: trouble)
        self.say(f"{_REPAIRED}.")

    def _bill_twice(self) -> None:
        """Send one order twice, with one key: there is one invoice."""
        name, key = CREATE_INVOICE
        order: JSONObject = {"orderId": "order-12345", "amount": 4990, "currency": "EUR"}
        if Execution.objects.matching(ExecutionFilters(action=(name,), key=key)).exists():
            return
        sent = executions.submit(action=name, params=order, by=self._request(), key=key)

        def has_ended() -> bool:
            sent.execution.refresh_from_db()
            return sent.execution.is_terminal

        self._wait(has_ended, what=sent.execution.shown_id)
        executions.submit(action=name, params=order, by=self._request(), key=key)
        self.say(f"{name} {key}: sent twice, the second time answered from the record")

    def _succeed(self) -> None:
        """Runs with a working mail server, and one that takes over what a failed one had done."""
        asked = (past.ALAN, past.KATHERINE, past.JOHN, past.report(days_ago=0))
        for run in [self._run(one) for one in asked]:
            self._settle(run)
        self._rerun(past.GRACE)

    def _decide(self) -> None:
        """Approve one question, cancel the run of another, and leave the third to the visitor."""
        for run in [self._run(one) for one in (past.HEDY, past.JEAN, past.EDSGER)]:
            self._settle(run)
        approved, cancelled = self._run(past.JEAN), self._run(past.EDSGER)
        if approved.status == RunStatus.WAITING:
            self._approve(approved)
        if not cancelled.has_ended:
            # With a key, so that it is not cancelled again if the visitor has opened it again.
            runs.cancel(
                run_id=cancelled.id, by=self.operator, reason="He signed up twice", key="twice"
            )

    def _approve(self, run: Run) -> None:
        runs.answer(
            run_id=run.id,
            step="approve",
            decision="approved",
            by=self.operator,
            answer={"contract": "C-2026-118"},
            comment="Signed last week",
        )
        self._settle(run)

    def _rerun(self, asked: past.Asked) -> None:
        failed = _find(asked)
        if failed is None or failed.status != RunStatus.FAILED:
            return
        if Run.objects.reruns_of(failed.id).exists():
            return
        wish = RerunWish(run=failed, what="from_failed", reason=_REPAIRED)
        new = runs.rerun(wish, digest=runs.preview(wish).digest, by=self.operator)
        self.say(f"{asked.workflow} {asked.key}: {new.shown_id}, from where it had failed")
        self._settle(new)

    def _run(self, asked: past.Asked) -> Run:
        """The run of that key; asked for now if it never was."""
        found = _find(asked)
        if found is not None:
            return found
        run = runs.submit(
            workflow=asked.workflow, params=asked.params, by=self._request(), key=asked.key
        ).held
        self.say(f"{asked.workflow} {asked.key}: {run.shown_id}")
        return run

    def _request(self) -> Actor:
        return replace(self.by, request_id=show(PREFIX_REQUEST, new_id()))

    def _settle(self, run: Run) -> None:
        """Wait until a run has ended, asks somebody, or is held up by the visitor."""
        self._wait(lambda: _is_settled(run), what=run.shown_id)

    def _wait(
        self, is_there: Callable[[], bool], *, what: str, why: Callable[[], str] = str
    ) -> None:
        deadline = time.monotonic() + self.patience_seconds
        while not is_there():
            if time.monotonic() > deadline:
                raise StoryInterrupted(
                    f"{what} is not ready after {self.patience_seconds:g} s. "
                    + (why() or "See whether a worker runs (`manage.py qcluster`).")
                    + " The next start goes on from here."
                )
            time.sleep(_LOOK_EVERY_SECONDS)


def _is_settled(run: Run) -> bool:
    run.refresh_from_db()
    return run.has_ended or run.status in (RunStatus.WAITING, RunStatus.PAUSED)


def _find(asked: past.Asked) -> Run | None:
    """The first run with that key, also where the key has expired since."""
    found = Run.objects.matching(RunFilters(workflow=(asked.workflow,)))
    return found.filter(idempotency_key=asked.key).last()
