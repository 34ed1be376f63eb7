"""The key of an action whose params are its key: it tells nothing of them, and outlives its secret."""

import hmac
import json

import pytest

from actions import executions
from actions.models import ActionVersion, Execution, IdempotencyRecord
from tests.fixtures.engine import TESTER

PARAMS = {"user": "ann", "code": "48213"}
FORM = "actionsite-fingerprint-1"


@pytest.fixture(autouse=True)
def derived(engine):
    """An action whose params are its key."""
    ActionVersion.objects.filter(action__name="probe-login").update(idempotency="derived")


def submit(params=None):
    return executions.submit(action="probe-login", params=params or PARAMS, by=TESTER).execution


def without_secret(params):
    """The key as it was made once, and as anybody can make it."""
    parts = [FORM, "action", "probe-login", params]
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"))
    return hmac.digest(b"derived", text.encode(), "sha256").hex()


def test_nobody_can_make_it_from_a_guess_of_the_params():
    execution = submit()

    assert execution.idempotency_key != without_secret(PARAMS)
    record = IdempotencyRecord.objects.get()
    assert bytes(record.fingerprint).hex() != record.key


def test_it_changes_with_the_secret(settings):
    first = submit()
    IdempotencyRecord.objects.all().update(expires_at="2020-01-01T00:00:00Z")
    settings.ACTIONSITE_FINGERPRINT_KEY = "another-" * 8

    second = submit()

    assert first.idempotency_key != second.idempotency_key


@pytest.mark.parametrize("count", [1, 2])
def test_a_repeat_after_the_secret_has_changed_finds_what_it_repeats(settings, count):
    first = submit()
    former = [settings.ACTIONSITE_FINGERPRINT_KEY, "between-" * 8][:count]
    settings.ACTIONSITE_FINGERPRINT_KEY_FALLBACKS = former
    settings.ACTIONSITE_FINGERPRINT_KEY = "another-" * 8

    again, other = submit(), submit({"user": "ann", "code": "48214"})

    assert again.id == first.id != other.id
    assert Execution.objects.count() == 2


def test_a_repeat_finds_what_was_keyed_before_secrets_were_used():
    first = submit()
    IdempotencyRecord.objects.all().update(key=without_secret(PARAMS))

    again = submit()

    assert again.id == first.id
