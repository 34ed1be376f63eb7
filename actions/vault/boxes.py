"""Seal and unseal bytes with the vault's keys.

Floor 4. What is sealed begins with the number of the vault key that sealed it.
"""

from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.db import connection, transaction

from actions import audit, sealing
from actions.actors import Actor
from actions.deeds import Deed, Target
from actions.errors import VaultLocked
from actions.models import VaultKey
from actions.sealing import MasterKey, Unreadable

_NUMBER_BYTES = 4
_PLACE = "vault key"
_LOCK = 0x7661756C74  # "vault": one rotation at a time


@dataclass(frozen=True, slots=True, repr=False)
class _Box:
    number: int
    secret: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Rotation:
    """How many vault keys were sealed anew, and the number of the one that is new."""

    resealed_count: int
    newest: int


def seal(plain: bytes, *, place: str) -> bytes:
    """Seal with the newest vault key; `place` says where it belongs and is needed to open it."""
    box = _newest()
    sealed = sealing.seal(plain, secret=box.secret, place=place)
    return box.number.to_bytes(_NUMBER_BYTES) + sealed


def unseal(sealed: bytes, *, place: str) -> bytes:
    """What was sealed for that place; raises VaultLocked."""
    number = int.from_bytes(sealed[:_NUMBER_BYTES])
    try:
        return sealing.unseal(sealed[_NUMBER_BYTES:], secret=_box(number).secret, place=place)
    except Unreadable as wrong:
        raise VaultLocked(f"The {place} cannot be opened: {wrong}") from wrong


def ensure_key() -> None:
    """Make the first vault key; done by `migrate`, so that no request ever waits for it."""
    with transaction.atomic():
        _one_at_a_time()
        if VaultKey.objects.newest() is None:
            _add_key()


def rotate(*, by: Actor) -> Rotation:
    """Seal every vault key with the installation's key as it is now, and add a new one.

    After it the fallbacks may go. Processes that run go on with the keys that they know. Raises
    VaultLocked, and changes nothing, if one of the keys cannot be opened.
    """
    with transaction.atomic():
        _one_at_a_time()
        kept = list(VaultKey.objects.order_by("id"))
        for row in kept:
            _close(row, _open(row))
            row.save(update_fields=["master_id", "sealed"])
        rotation = Rotation(resealed_count=len(kept), newest=_add_key().pk)
        on = Target(kind="vault_key", id=str(rotation.newest), label=f"vault key {rotation.newest}")
        audit.note(Deed.VAULT_KEY_ROTATED, by=by, on=on)
    forget()
    return rotation


def forget() -> None:
    """Read the keys anew from now on."""
    _newest.cache_clear()
    _box.cache_clear()


@lru_cache(maxsize=1)
def _newest() -> _Box:
    row = VaultKey.objects.newest()
    if row is None:
        raise VaultLocked("There is no vault key yet; run manage.py migrate.")
    return _Box(number=row.pk, secret=_open(row))


@lru_cache(maxsize=256)
def _box(number: int) -> _Box:
    row = VaultKey.objects.with_id(number)
    if row is None:
        raise VaultLocked(f"There is no vault key {number}; was the database restored from a part?")
    return _Box(number=number, secret=_open(row))


def _add_key() -> VaultKey:
    row = VaultKey()
    _close(row, sealing.new_secret())
    row.save()
    return row


def _open(row: VaultKey) -> bytes:
    texts = [settings.ACTIONSITE_VAULT_KEY, *settings.ACTIONSITE_VAULT_KEY_FALLBACKS]
    masters = {master.id: master for master in map(MasterKey.of, texts)}
    master = masters.get(row.master_id)
    if master is None:
        raise VaultLocked(
            f"The vault key {row.pk} was sealed with another ACTIONSITE_VAULT_KEY; add that one to "
            "ACTIONSITE_VAULT_KEY_FALLBACKS, or set it again."
        )
    return sealing.unseal(bytes(row.sealed), secret=master.secret, place=_PLACE)


def _close(row: VaultKey, secret: bytes) -> None:
    master = MasterKey.of(settings.ACTIONSITE_VAULT_KEY)
    row.master_id = master.id
    row.sealed = sealing.seal(secret, secret=master.secret, place=_PLACE)


def _one_at_a_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
