"""What is sealed opens with its key, at its place, and nowhere else."""

import pytest

from actions import vault
from actions.errors import VaultLocked
from actions.models import VaultKey
from actions.vault import boxes
from tests.fixtures.engine import TESTER


@pytest.fixture(autouse=True)
def fresh():
    """Keys are kept by each process; the next test has others."""
    yield
    boxes.forget()


@pytest.fixture
def key(db):
    boxes.forget()
    return VaultKey.objects.newest()


def test_what_is_sealed_can_be_opened_at_its_place(key):
    sealed = boxes.seal(b"hunter2", place="here")

    assert boxes.unseal(sealed, place="here") == b"hunter2"
    assert b"hunter2" not in sealed


def test_it_opens_at_no_other_place(key):
    sealed = boxes.seal(b"hunter2", place="here")

    with pytest.raises(VaultLocked):
        boxes.unseal(sealed, place="there")


def test_a_changed_bit_is_found(key):
    sealed = bytearray(boxes.seal(b"hunter2", place="here"))
    sealed[-1] ^= 1

    with pytest.raises(VaultLocked):
        boxes.unseal(bytes(sealed), place="here")


def test_the_same_value_is_never_sealed_alike(key):
    assert boxes.seal(b"hunter2", place="here") != boxes.seal(b"hunter2", place="here")


def test_with_another_key_nothing_opens_and_the_error_says_what_to_do(key, settings):
    sealed = boxes.seal(b"hunter2", place="here")
    settings.ACTIONSITE_VAULT_KEY = "another-" * 8
    boxes.forget()

    with pytest.raises(VaultLocked, match="ACTIONSITE_VAULT_KEY_FALLBACKS"):
        boxes.unseal(sealed, place="here")


def test_after_a_change_of_the_key_the_fallback_opens_and_a_rotation_makes_it_needless(
    key, settings
):
    sealed = boxes.seal(b"hunter2", place="here")
    old, settings.ACTIONSITE_VAULT_KEY = settings.ACTIONSITE_VAULT_KEY, "another-" * 8
    settings.ACTIONSITE_VAULT_KEY_FALLBACKS = [old]
    boxes.forget()
    assert boxes.unseal(sealed, place="here") == b"hunter2"

    rotation = vault.rotate(by=TESTER)
    settings.ACTIONSITE_VAULT_KEY_FALLBACKS = []
    boxes.forget()

    assert boxes.unseal(sealed, place="here") == b"hunter2"
    assert rotation.resealed_count == 1
    assert rotation.newest > key.id
    assert boxes.seal(b"", place="here")[:4] == rotation.newest.to_bytes(4)


def test_a_rotation_without_the_old_key_changes_nothing(key, settings):
    settings.ACTIONSITE_VAULT_KEY = "another-" * 8
    boxes.forget()

    with pytest.raises(VaultLocked):
        vault.rotate(by=TESTER)

    assert VaultKey.objects.get().master_id == key.master_id


def test_the_first_key_is_made_once(key):
    vault.ensure_key()

    assert VaultKey.objects.count() == 1


def test_without_any_key_the_error_says_what_to_do(key):
    VaultKey.objects.all().delete()

    with pytest.raises(VaultLocked, match="migrate"):
        boxes.seal(b"hunter2", place="here")
