"""What an action may read from its worker's environment, and what not."""

import pytest

from actions.errors import Final
from actions.executor.secrets import SecretReader


def test_a_secret_is_read_by_its_name_and_remembered_for_masking(monkeypatch):
    monkeypatch.setenv("ACTIONSITE_SECRET_SMTP_PASSWORD", "hunter2")
    reader = SecretReader()

    assert reader("smtp-password") == "hunter2"
    assert reader.values == ["hunter2"]


@pytest.mark.parametrize("name", ["missing", "", "UPPER", "a b", "key", "../key", "x" * 64])
def test_any_other_name_is_refused(name):
    with pytest.raises(Final) as refusal:
        SecretReader()(name)

    assert refusal.value.code == "secret_missing"


def test_the_key_that_signs_sessions_is_no_secret_of_an_action(monkeypatch):
    monkeypatch.setenv("ACTIONSITE_SECRET_KEY", "hunter2")

    with pytest.raises(Final) as refusal:
        SecretReader()("key")

    assert "hunter2" not in refusal.value.message
