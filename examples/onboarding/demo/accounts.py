"""Who can enter the demo: a person for each role, and a program with a key.

Passwords and key are made once, and kept in `demo.json` of the data directory, which only the
owner of the installation can read; `manage.py up` prints them from there.
"""

import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from django.contrib.auth.models import User

from actions import access
from actions.actors import Actor
from onboarding.demo import shelf

FILE = "demo.json"
# `demo` is the login that is printed; the others show what each role may do.
ROLES = {"demo": "admin", "editor": "editor", "operator": "operator", "viewer": "viewer"}
KEY_NAME = "crm"
_SCOPES = (
    access.READ_ACTIONS,
    access.EXECUTE_ACTIONS,
    access.READ_EXECUTIONS,
    access.WRITE_EXECUTIONS,
    access.READ_WORKFLOWS,
    access.READ_RUNS,
    access.WRITE_RUNS,
)
_PASSWORD_BYTES = 12
_DEMO = Actor(kind="system", id="", label="demo")


@dataclass(frozen=True, kw_only=True, slots=True)
class Login:
    """A person of the demo, with the password in clear."""

    username: str
    role: str
    password: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Accounts:
    """All that `demo.json` holds."""

    users: list[Login]
    api_key: str


def ensure(directory: Path) -> Actor:
    """Make what is missing of the people and the key, and return the key as an actor.

    What exists is left alone: a second call changes nothing. A person whose password is not in
    the file (any more) gets a new one, and a key that may too little is replaced.
    """
    path = directory / FILE
    kept = shelf.read_json(path) or {}
    known = {user["username"]: user["password"] for user in kept.get("users", [])}
    users = [_login(username, known.get(username)) for username in ROLES]
    api_key, actor = _key(kept.get("api_key", ""))
    accounts = asdict(Accounts(users=users, api_key=api_key))
    if accounts != kept:
        shelf.write_atomically(path, accounts, mode=0o600)
    return actor


def person(username: str) -> Actor:
    """A person of the demo as an actor."""
    return access.principal_of(User.objects.get(username=username)).actor


def _login(username: str, password: str | None) -> Login:
    role = ROLES[username]
    person = User.objects.filter(username=username).first()
    chosen = password or secrets.token_urlsafe(_PASSWORD_BYTES)
    if person is None:
        access.create_user(username=username, password=chosen, role=role, by=_DEMO)
    elif password is None:
        person.set_password(chosen)
        person.save(update_fields=["password"])
    return Login(username=username, role=role, password=chosen)


def _key(kept: str) -> tuple[str, Actor]:
    principal = access.authenticate(kept)
    if principal is not None and principal.permissions.issuperset(_SCOPES):
        return kept, principal.actor
    _, made = access.create_key(name=KEY_NAME, scopes=_SCOPES, by=_DEMO)
    fresh = access.authenticate(made)
    if fresh is None:
        raise RuntimeError(f"The demo's new API key {KEY_NAME} is not accepted.")
    return made, fresh.actor
