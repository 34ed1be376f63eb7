"""`manage.py demo_mail start|stop|status`: switch the demo's mail server from a shell."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from onboarding.demo import control
from onboarding.demo.mailbox import HOST


class Command(BaseCommand):
    """Switch the demo's mail server, or show what it has caught."""

    help = "Start or stop the demo's mail server, or show its state and its last mails."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take what to do."""
        parser.add_argument("turn", choices=("start", "stop", "status"))

    def handle(self, *_args: Any, turn: str, **_options: Any) -> None:
        """Do it, then say how things stand."""
        try:
            match turn:
                case "start" | "stop":
                    state = control.switch_mail(turn)
                case _:
                    state = control.mail()
        except control.DemoUnreachable as trouble:
            raise CommandError(str(trouble)) from trouble
        word = "up" if state["is_up"] else "down"
        self.stdout.write(f"The demo's mail server at {HOST}:{state['port']} is {word}.")
        if turn == "status":
            self._list(state["mails"])

    def _list(self, mails: list[dict[str, Any]]) -> None:
        for mail in mails:
            copies = f" ({mail['copies']} copies)" if mail["copies"] > 1 else ""
            to = ", ".join(mail["to"])
            self.stdout.write(f"{mail['received_at']}  to {to}: {mail['subject']}{copies}")
