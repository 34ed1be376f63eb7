"""The story that the demo's first start tells: a user is onboarded while the mail server is down.

Every step has an idempotency key, and one that has been taken already is not sent again. So a
second start tells nothing twice, and a start after an interrupted one goes on where that stopped.
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
from onboarding.demo import control, mail_state

_LOOK_EVERY_SECONDS = 0.1

CREATE_USER = ("create-user-record", "user-12345")
CREATE_INVOICE = ("create-invoice", "invoice-order-12345")


class StoryInterrupted(Exception):
    """A step did not come to its end; the message says which, and what to do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Teller:
    """Sends the steps as `by`, reports them by `say`, waits for each at most so many seconds."""

    by: Actor
    say: Callable[[str], None]
    patience_seconds: float = 60

    def tell(self) -> None:
        """Send what has not been sent yet. Raises StoryInterrupted."""
        user_id = self._create_user()
        self._send(
            ("send-welcome-email", f"welcome-{user_id}"),
            {"userId": user_id, "template": "new-user-welcome-v2"},
        )
        self._repair_mail()
        self._bill_twice()
        self._send(("provision-sandbox", f"sandbox-{user_id}"), {"userId": user_id})

    def _create_user(self) -> str:
        ended = self._send(
            CREATE_USER, {"email": "ada@example.com", "name": "Ada Lovelace", "plan": "team"}
        )
        if ended.result is None:
            raise StoryInterrupted(
                f"{ended.shown_id} made no user (it is {ended.status}); open it to see why."
            )
        return str(ended.result["id"])

    def _repair_mail(self) -> None:
        """Switch the mail server on, for the first time only: later it is the visitor's."""
        if mail_state().was_ever_switched:
            return
        deadline = time.monotonic() + self.patience_seconds
        while True:
            try:
                control.switch_mail("start")
            except control.DemoUnreachable as trouble:
                if time.monotonic() > deadline:
                    raise StoryInterrupted(str(trouble)) from trouble
                time.sleep(_LOOK_EVERY_SECONDS)
            else:
                self.say("The mail server is up again.")
                return

    def _bill_twice(self) -> None:
        is_first = _find(CREATE_INVOICE) is None
        order: JSONObject = {"orderId": "order-12345", "amount": 4990, "currency": "EUR"}
        self._send(CREATE_INVOICE, order)
        if is_first:
            name, key = CREATE_INVOICE
            executions.submit(action=name, params=order, by=self._request(), key=key)
            self.say(f"{name} {key}: sent again, answered from the record")

    def _send(self, step: tuple[str, str], params: JSONObject) -> Execution:
        """Send one request, unless it was sent before, and wait for its end."""
        name, key = step
        execution = _find(step)
        if execution is None:
            sent = executions.submit(action=name, params=params, by=self._request(), key=key)
            execution = self._ended(sent.execution)
            self.say(f"{name} {key}: {execution.status}")
        return self._ended(execution)

    def _request(self) -> Actor:
        return replace(self.by, request_id=show(PREFIX_REQUEST, new_id()))

    def _ended(self, execution: Execution) -> Execution:
        deadline = time.monotonic() + self.patience_seconds
        while not execution.is_terminal:
            if time.monotonic() > deadline:
                raise StoryInterrupted(
                    f"{execution.shown_id} ({execution.action_name}) is still "
                    f"{execution.status} after {self.patience_seconds:g} s; see whether a worker "
                    "runs (`manage.py qcluster`). The next start goes on from here."
                )
            time.sleep(_LOOK_EVERY_SECONDS)
            execution.refresh_from_db()
        return execution


def _find(step: tuple[str, str]) -> Execution | None:
    name, key = step
    return Execution.objects.matching(ExecutionFilters(action=(name,), key=key)).first()
