"""`manage.py create_user NAME --role ROLE`. Floor 5, a door."""

import getpass
import sys
from typing import Any

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import IntegrityError

from actions import access
from actions.management.operator import operator


class Command(BaseCommand):
    """Add a person who can sign in."""

    help = "Add a person; the password is asked for, or read from standard input if it is a pipe."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("username")
        parser.add_argument("--role", required=True, choices=list(access.ROLES))
        parser.add_argument("--email", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        """Add the person, or say why not."""
        username, role = options["username"], options["role"]
        password = _password()
        try:
            validate_password(password, User(username=username))
            access.create_user(
                username=username,
                password=password,
                role=role,
                email=options["email"],
                by=operator(),
            )
        except ValidationError as weak:
            raise CommandError(" ".join(weak.messages)) from weak
        except IntegrityError as taken:
            raise CommandError(f"There is already a user {username}.") from taken
        self.stdout.write(f"{username} can sign in as {role}.")


def _password() -> str:
    if sys.stdin.isatty():
        return getpass.getpass("Password: ")
    return sys.stdin.readline().rstrip("\n")
