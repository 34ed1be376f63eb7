"""Secrets from the shell."""

import io
import sys

import pytest
from django.core.management import CommandError, call_command

from actions import vault
from actions.models import VaultKey
from actions.vault import boxes


@pytest.fixture(autouse=True)
def fresh():
    """Keys are kept by each process; the next test has others."""
    boxes.forget()
    yield
    boxes.forget()


def set_secret(monkeypatch, *arguments, value):
    said = io.StringIO()
    monkeypatch.setattr(sys, "stdin", io.StringIO(value))
    call_command("set_secret", *arguments, stdout=said)
    return said.getvalue()


def test_a_secret_is_piped_in_and_not_repeated(db, monkeypatch):
    said = set_secret(monkeypatch, "smtp-password", value="hunter2\n")

    assert said == "smtp-password has version 1.\n"
    assert vault.read("smtp-password", action="any") == "hunter2"


def test_a_secret_of_many_lines_stays_whole(db, monkeypatch):
    set_secret(monkeypatch, "private-pem", value="one\n\ntwo\n\n")

    assert vault.read("private-pem", action="any") == "one\n\ntwo\n"


def test_it_says_which_actions_may_read_it(db, monkeypatch):
    set_secret(monkeypatch, "smtp-password", "--allow", "send-*", value="hunter2")

    assert vault.read("smtp-password", action="log-it") is None


def test_what_is_no_name_is_refused(db, monkeypatch):
    with pytest.raises(CommandError, match="cannot be named"):
        set_secret(monkeypatch, "Smtp Password", value="hunter2")


def test_the_vault_key_is_rotated(db):
    said = io.StringIO()
    call_command("rotate_vault_key", stdout=said)

    assert VaultKey.objects.count() == 2
    assert "1 vault keys are sealed" in said.getvalue()


def test_a_rotation_without_the_former_key_says_what_is_missing(db, settings):
    settings.ACTIONSITE_VAULT_KEY = "another-" * 8

    with pytest.raises(CommandError, match="ACTIONSITE_VAULT_KEY_FALLBACKS"):
        call_command("rotate_vault_key")
