"""Who may do what: roles of people, scopes of API keys, and the keys themselves.

Floor 4. A key is `as_<prefix>_<secret>`; only the SHA-256 of its 256 random bits is kept, which
nobody can guess back. Everything that is not granted is denied.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import AnonymousUser, Group, User
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from actions import audit, names
from actions.actors import Actor
from actions.deeds import Deed, Target
from actions.errors import InsufficientScope, MalformedRequest
from actions.jsontypes import JSONObject
from actions.models import ApiKey

READ_ACTIONS = "actions:read"
EXECUTE_ACTIONS = "actions:execute"
WRITE_ACTIONS = "actions:write"
READ_EXECUTIONS = "executions:read"
WRITE_EXECUTIONS = "executions:write"
READ_WORKFLOWS = "workflows:read"
WRITE_WORKFLOWS = "workflows:write"
READ_RUNS = "runs:read"
WRITE_RUNS = "runs:write"
ADMIN = "admin"
PERMISSIONS = frozenset(
    {
        READ_ACTIONS,
        EXECUTE_ACTIONS,
        WRITE_ACTIONS,
        READ_EXECUTIONS,
        WRITE_EXECUTIONS,
        READ_WORKFLOWS,
        WRITE_WORKFLOWS,
        READ_RUNS,
        WRITE_RUNS,
        ADMIN,
    }
)

_VIEWER = frozenset({READ_ACTIONS, READ_EXECUTIONS, READ_WORKFLOWS, READ_RUNS})
_OPERATOR = _VIEWER | {EXECUTE_ACTIONS, WRITE_EXECUTIONS, WRITE_RUNS}
_EDITOR = _OPERATOR | {WRITE_ACTIONS, WRITE_WORKFLOWS}
ROLES: dict[str, frozenset[str]] = {
    "viewer": _VIEWER,
    "operator": _OPERATOR,
    "editor": _EDITOR,
    "admin": PERMISSIONS,
}

MAX_KEY_NAME = 100
_KEY = re.compile(r"as_([0-9a-f]{12})_([A-Za-z0-9_-]{43})", re.ASCII)
# Writing the last use at every request would be a write for every read.
_LAST_USED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Principal:
    """Somebody who is known: who it is, what is granted, and for which names."""

    actor: Actor
    permissions: frozenset[str]
    patterns: tuple[str, ...] = ()
    # When all of that ends; None for never.
    expires_at: datetime | None = None

    def may(self, permission: str, name: str | None = None) -> bool:
        """Whether the permission is granted, and for the action of that name if one is given."""
        return permission in self.permissions and (name is None or self.sees(name))

    def sees(self, name: str) -> bool:
        """Whether the name of an action or a workflow is within what this principal may touch.

        What the engine itself asks for is nobody's.
        """
        return not names.is_internal(name) and names.fits(name, self.patterns)

    def covers(self, patterns: Sequence[str]) -> bool:
        """Whether what is for the names that fit these patterns is within what this one may touch."""
        return names.cover(self.patterns, patterns)

    def holds(self, role: str) -> bool:
        """Whether all is granted that the role grants; false for a role that there is not."""
        return role in ROLES and ROLES[role] <= self.permissions


def principal_of(user: User | AnonymousUser, *, request_id: str = "") -> Principal:
    """What a signed-in person may do, by the role groups; nobody signed in may do nothing."""
    if not isinstance(user, User) or not user.is_active:
        actor = Actor(kind="user", id="", label="nobody", request_id=request_id)
        return Principal(actor=actor, permissions=frozenset())
    actor = Actor(kind="user", id=str(user.pk), label=user.get_username(), request_id=request_id)
    return Principal(actor=actor, permissions=_granted(user))


def _granted(user: User) -> frozenset[str]:
    if user.is_superuser:
        return PERMISSIONS
    groups = user.groups.values_list("name", flat=True)
    return frozenset().union(*(ROLES.get(name, frozenset()) for name in groups))


def active_among(usernames: Collection[str]) -> frozenset[str]:
    """Which of these are the names of people who can sign in."""
    if not usernames:
        return frozenset()
    found = User.objects.filter(username__in=usernames, is_active=True)
    return frozenset(found.values_list("username", flat=True))


def create_user(*, username: str, password: str, role: str, by: Actor, email: str = "") -> User:
    """Add a person with one role; raises MalformedRequest for a role that does not exist."""
    if role not in ROLES:
        raise MalformedRequest(f"There is no role {role!r}; use one of {', '.join(ROLES)}.")
    with transaction.atomic():
        user = User.objects.create_user(username=username, email=email, password=password)
        group, _ = Group.objects.get_or_create(name=role)
        user.groups.add(group)
        on = Target(kind="user", id=str(user.pk), label=username)
        audit.note(Deed.USER_CREATED, by=by, on=on, facts={"role": role})
    return user


def create_key(
    *,
    name: str,
    scopes: Sequence[str],
    by: Actor,
    patterns: Sequence[str] = (),
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """Make an API key; the second value is the key itself, which cannot be read again.

    Raises MalformedRequest for a name that is too long, a scope that does not exist or a pattern
    that cannot match.
    """
    _check_name(name)
    _check_grants(scopes, patterns)
    prefix, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    with transaction.atomic():
        key = ApiKey.objects.create(
            name=name,
            prefix=prefix,
            digest=_digest(secret),
            scopes=sorted(set(scopes)),
            patterns=list(patterns),
            created_by=by.label,
            expires_at=expires_at,
        )
        audit.note(Deed.API_KEY_CREATED, by=by, on=_target(key), facts=_granted_to(key))
    return key, f"as_{prefix}_{secret}"


def check_gift(giver: Principal, scopes: Sequence[str], *, expires_at: datetime | None) -> None:
    """Raise InsufficientScope if such a key could do more than whoever makes it, or for longer."""
    more = sorted(set(scopes) & PERMISSIONS - giver.permissions)
    if giver.patterns:
        more.append("names beyond its own patterns")
    if giver.expires_at and (expires_at is None or expires_at > giver.expires_at):
        more.append(
            f"anything beyond {giver.expires_at:%Y-%m-%dT%H:%M:%SZ}, when it expires itself"
        )
    if more:
        reach = ", ".join(more)
        raise InsufficientScope(
            f"{giver.actor.label} may not give away {reach}: a key may do no more than whoever "
            "makes it."
        )


def revoke_key(key: ApiKey, *, by: Actor) -> None:
    """Let the key open nothing from now on; a key that is revoked already stays as it is."""
    with transaction.atomic():
        open_ones = ApiKey.objects.filter(pk=key.pk, revoked_at=None)
        if open_ones.update(revoked_at=Now()):
            audit.note(Deed.API_KEY_REVOKED, by=by, on=_target(key))
    key.refresh_from_db(fields=["revoked_at"])


def _check_name(name: str) -> None:
    if not (1 <= len(name) <= MAX_KEY_NAME and name.isprintable()):
        raise MalformedRequest(
            f"A key's name has {len(name)} characters; use 1 to {MAX_KEY_NAME} that can be read."
        )


def _check_grants(scopes: Sequence[str], patterns: Sequence[str]) -> None:
    unknown = sorted(set(scopes) - PERMISSIONS)
    if unknown or not scopes:
        raise MalformedRequest(
            f"There is no scope {', '.join(unknown) or '(none given)'}; "
            f"use some of {', '.join(sorted(PERMISSIONS))}."
        )
    names.check_patterns(patterns)


def _target(key: ApiKey) -> Target:
    return Target(kind="api_key", id=str(key.pk), label=key.name)


def _granted_to(key: ApiKey) -> JSONObject:
    return {
        "prefix": key.prefix,
        "scopes": list(key.scopes),
        "patterns": list(key.patterns),
        "expires_at": key.expires_at.isoformat() if key.expires_at else None,
    }


def authenticate(sent: str, *, request_id: str = "", trace_id: str = "") -> Principal | None:
    """Who sent this key; None if it is unknown, revoked or expired, which are not told apart."""
    match = _KEY.fullmatch(sent)
    if match is None:
        return None
    key = ApiKey.objects.by_prefix(match.group(1))
    expected = bytes(key.digest) if key else b"\0" * 32
    if not hmac.compare_digest(expected, _digest(match.group(2))) or key is None:
        return None
    now = timezone.now()
    if not key.is_in_force(now):
        return None
    if key.last_used_at is None or now - key.last_used_at > _LAST_USED_EVERY:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
    return Principal(
        actor=Actor(
            kind="api_key",
            id=str(key.pk),
            label=key.name,
            request_id=request_id,
            trace_id=trace_id,
        ),
        permissions=frozenset(key.scopes),
        patterns=tuple(key.patterns),
        expires_at=key.expires_at,
    )


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
