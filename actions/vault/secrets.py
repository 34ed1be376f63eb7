"""Named secrets: set by people, read by attempts.

Floor 4. A value goes in and is never shown again; an attempt that reads it has it masked wherever
its record would show it.
"""

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils import timezone

from actions import audit, masking, names
from actions.actors import Actor
from actions.deeds import Deed, Target
from actions.errors import InsufficientScope, MalformedRequest, SecretNotFound
from actions.jsontypes import JSONObject
from actions.masking import Hidden
from actions.models import Secret, SecretVersion
from actions.vault.boxes import seal, unseal

MAX_BYTES = 65_536


def set_secret(
    name: str,
    value: str,
    *,
    by: Actor,
    actions: Sequence[str] | None = None,
    within: Sequence[str] = (),
) -> Secret:
    """Give a secret a new value, and make it if there is none of that name.

    `actions` are patterns of the actions that may read it, all if empty; left out, they stay.
    Attempts that begin from now on read the new value. `within` are patterns of the names that who
    asks may touch, all if empty. Raises MalformedRequest, SecretNotFound for a secret that others may
    read, InsufficientScope where others would.
    """
    _check(name, value)
    names.check_patterns(actions or ())
    with transaction.atomic():
        Secret.objects.bulk_create([Secret(name=name)], ignore_conflicts=True)
        secret = Secret.objects.select_for_update().get(name=name)
        _check_known(secret, within)
        secret.version_number += 1
        secret.removed_at = None
        secret.updated_by = by.label
        secret.actions = secret.actions if actions is None else list(actions)
        _check_readers(secret, within)
        secret.save()
        SecretVersion.objects.create(
            secret=secret,
            number=secret.version_number,
            sealed=seal(value.encode(), place=_place(name, secret.version_number)),
            created_by=by.label,
        )
        facts: JSONObject = {"version": secret.version_number, "actions": list(secret.actions)}
        audit.note(Deed.SECRET_SET, by=by, on=_target(name), facts=facts)
    return secret


def allow(name: str, actions: Sequence[str], *, by: Actor) -> Secret:
    """Let the actions that fit these patterns read a secret, all if there is none; no new value.

    Attempts that begin from now on go by it. Raises MalformedRequest, SecretNotFound.
    """
    names.check_patterns(actions)
    with transaction.atomic():
        secret = _locked(name)
        facts: JSONObject = {"actions": list(actions), "actions_before": list(secret.actions)}
        secret.actions = list(actions)
        secret.updated_by = by.label
        secret.save(update_fields=["actions", "updated_by", "updated_at"])
        audit.note(Deed.SECRET_ALLOWED, by=by, on=_target(name), facts=facts)
    return secret


def remove(name: str, *, by: Actor, within: Sequence[str] = ()) -> None:
    """Let nobody read a secret any more, and forget its values; raises SecretNotFound.

    So it does if others may read it than those `within` these patterns of names.
    """
    with transaction.atomic():
        secret = _locked(name)
        if not names.cover(within, secret.actions):
            raise _no_such(name)
        secret.removed_at = timezone.now()
        secret.updated_by = by.label
        secret.save(update_fields=["removed_at", "updated_by", "updated_at"])
        secret.versions.update(sealed=b"")
        audit.note(Deed.SECRET_REMOVED, by=by, on=_target(name))


def read(name: str, *, action: str) -> str | None:
    """The value that an action may read now; None if there is none. Raises VaultLocked."""
    found = SecretVersion.objects.current(name)
    if found is None or not is_readable(found.secret, action=action):
        return None
    return unseal(bytes(found.sealed), place=_place(name, found.number)).decode()


def is_readable(secret: Secret, *, action: str) -> bool:
    """Whether an action may read a secret."""
    return names.fits(action, secret.actions)


def missing(references: Iterable[Hidden], *, action: str) -> list[Hidden]:
    """The references to secrets that an action may not read, or that are not there."""
    wanted = list(references)
    named = Secret.objects.catalogue().filter(name__in={name_in(one.value) for one in wanted})
    readable = {secret.name for secret in named if is_readable(secret, action=action)}
    return [one for one in wanted if name_in(one.value) not in readable]


def name_in(reference: JSONObject) -> str:
    """The name of the secret that a reference stands for."""
    return str(reference[masking.REFERENCE])


def _locked(name: str) -> Secret:
    """The secret, locked until the end of the transaction; raises SecretNotFound."""
    secret = Secret.objects.locked(name)
    if secret is None or secret.removed_at is not None:
        raise _no_such(name)
    return secret


def _no_such(name: str) -> SecretNotFound:
    return SecretNotFound(f"There is no secret {name[:63]!r}.")


def _check_known(secret: Secret, within: Sequence[str]) -> None:
    is_known = secret.version_number > 0 and secret.removed_at is None
    if is_known and not names.cover(within, secret.actions):
        raise _no_such(secret.name)


def _check_readers(secret: Secret, within: Sequence[str]) -> None:
    if not names.cover(within, secret.actions):
        raise InsufficientScope(
            f"Actions beyond {', '.join(within)} could read the secret {secret.name}, and a key may give "
            "away nothing beyond its own patterns; send `actions` within them."
        )


def _target(name: str) -> Target:
    return Target(kind="secret", id=name, label=name)


def _place(name: str, number: int) -> str:
    return f"secret {name} version {number}"


def _check(name: str, value: str) -> None:
    if not names.may_be_secret(name):
        raise MalformedRequest(
            f"A secret cannot be named {name[:60]!r}; use up to 63 lower-case letters, digits and "
            "hyphens, such as smtp-password."
        )
    size = len(value.encode())
    if not 0 < size <= MAX_BYTES:
        raise MalformedRequest(
            f"The value of the secret {name} has {size:,} bytes; give 1 to {MAX_BYTES:,}."
        )
