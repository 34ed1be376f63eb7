"""What an action may read from its worker's environment, and what not."""

import pytest

from actions.errors import Final
from actions.executor.secrets import SecretReader


def nothing(name):
    return None


def test_a_secret_is_read_by_its_name_and_remembered_for_masking(monkeypatch):
    monkeypatch.setenv("ACTIONSITE_SECRET_SMTP_PASSWORD", "hunter2")
    reader = SecretReader(nothing)

    assert reader("smtp-password") == "hunter2"
    assert reader.values == ["hunter2"]


def test_what_is_in_the_vault_goes_before_the_environment(monkeypatch):
    monkeypatch.setenv("ACTIONSITE_SECRET_SMTP_PASSWORD", "hunter2")

    assert SecretReader({"smtp-password": "hunter3"}.get)("smtp-password") == "hunter3"


@pytest.mark.parametrize("name", ["missing", "", "UPPER", "a b", "key", "../key", "x" * 64])
def test_any_other_name_is_refused(name):
    with pytest.raises(Final) as refusal:
        SecretReader(nothing)(name)

    assert refusal.value.code == "secret_missing"


def test_the_key_that_signs_sessions_is_no_secret_of_an_action(monkeypatch):
    monkeypatch.setenv("ACTIONSITE_SECRET_KEY", "hunter2")

    with pytest.raises(Final) as refusal:
        SecretReader(nothing)("key")

    assert "hunter2" not in refusal.value.message
