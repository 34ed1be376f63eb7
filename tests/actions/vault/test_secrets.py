"""Secrets: set, read by the actions that may, changed, removed."""

import pytest

from actions import vault
from actions.errors import MalformedRequest, SecretNotFound
from actions.models import AuditEvent, Secret, SecretVersion
from tests.fixtures.engine import TESTER


def test_a_secret_is_read_as_it_was_set_and_not_stored_so(db):
    vault.set_secret("smtp-password", "hunter2", by=TESTER)

    assert vault.read("smtp-password", action="any") == "hunter2"
    assert b"hunter2" not in bytes(SecretVersion.objects.get().sealed)


def test_a_new_value_is_a_new_version_and_the_one_that_is_read(db):
    vault.set_secret("smtp-password", "hunter2", by=TESTER)
    secret = vault.set_secret("smtp-password", "hunter3", by=TESTER)

    assert vault.read("smtp-password", action="any") == "hunter3"
    assert secret.version_number == 2


def test_only_the_actions_that_it_names_may_read_it(db):
    vault.set_secret("smtp-password", "hunter2", by=TESTER, actions=["send-*"])

    assert vault.read("smtp-password", action="send-letter") == "hunter2"
    assert vault.read("smtp-password", action="log-anything") is None


def test_who_may_read_it_stays_when_only_the_value_is_set(db):
    vault.set_secret("smtp-password", "hunter2", by=TESTER, actions=["send-*"])
    vault.set_secret("smtp-password", "hunter3", by=TESTER)

    assert vault.read("smtp-password", action="log-anything") is None


def test_a_removed_secret_is_gone_with_all_its_values_and_may_come_back(db):
    vault.set_secret("smtp-password", "hunter2", by=TESTER)
    vault.remove("smtp-password", by=TESTER)

    assert vault.read("smtp-password", action="any") is None
    assert bytes(SecretVersion.objects.get().sealed) == b""
    assert not Secret.objects.catalogue().exists()

    vault.set_secret("smtp-password", "hunter3", by=TESTER)
    assert vault.read("smtp-password", action="any") == "hunter3"


def test_what_is_not_there_cannot_be_removed(db):
    with pytest.raises(SecretNotFound, match="smtp-password"):
        vault.remove("smtp-password", by=TESTER)


@pytest.mark.parametrize("name", ["", "key", "Upper", "a_b", "1a", "a" * 64, "a\n"])
def test_a_name_that_cannot_be_is_refused(db, name):
    with pytest.raises(MalformedRequest, match="cannot be named"):
        vault.set_secret(name, "hunter2", by=TESTER)


@pytest.mark.parametrize("value", ["", "x" * 65_537, "é" * 40_000])
def test_a_value_that_is_empty_or_too_long_is_refused(db, value):
    with pytest.raises(MalformedRequest, match="bytes"):
        vault.set_secret("smtp-password", value, by=TESTER)

    assert not Secret.objects.exists()


def test_what_was_done_to_a_secret_is_in_the_audit_log_without_its_value(db):
    vault.set_secret("smtp-password", "hunter2", by=TESTER, actions=["send-*"])
    vault.remove("smtp-password", by=TESTER)

    told = AuditEvent.objects.order_by("id").values_list("verb", "object_id", "data")
    assert list(told) == [
        ("secret.set", "smtp-password", {"version": 1, "actions": ["send-*"]}),
        ("secret.removed", "smtp-password", {}),
    ]
