"""What people do to the installation is written down, once, by whom, and without secrets."""

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from actions import Context, access, action, audit, definitions, executions, registry
from actions.actors import SYSTEM, Actor
from actions.deeds import Deed, Target
from actions.errors import ActionDisabled, ActionNotFound
from actions.executions import terms
from actions.models import Action, ActionVersion, AuditEvent

pytestmark = pytest.mark.django_db

ADMIN = Actor(kind="user", id="7", label="ada", request_id="req_1")
KEY = {"name": "crm", "scopes": ["executions:read"], "by": ADMIN}


@pytest.fixture
def catalogue() -> None:
    terms.version.cache_clear()
    definitions.sync()


def noted() -> list[tuple[str, str, str]]:
    rows = AuditEvent.objects.order_by("id")
    return [(one.verb, one.object_kind, one.object_label) for one in rows]


def test_a_new_key_is_noted_with_what_it_opens_and_without_the_key():
    key, secret = access.create_key(**KEY, patterns=["invoice-*"])

    one = AuditEvent.objects.get()
    assert noted() == [("api_key.created", "api_key", "crm")]
    assert (one.actor_kind, one.actor_id, one.actor_label) == ("user", "7", "ada")
    assert (one.request_id, one.object_id) == ("req_1", str(key.pk))
    assert one.data["scopes"] == ["executions:read"]
    assert one.data["patterns"] == ["invoice-*"]
    assert secret.rsplit("_", 1)[1] not in str(vars(one))


def test_a_revoked_key_opens_nothing_and_is_noted_once():
    key, secret = access.create_key(**KEY)

    access.revoke_key(key, by=ADMIN)
    revoked_at = key.revoked_at
    access.revoke_key(key, by=ADMIN)

    assert access.authenticate(secret) is None
    assert key.revoked_at == revoked_at
    assert [verb for verb, _, _ in noted()] == ["api_key.created", "api_key.revoked"]


def test_a_new_person_is_noted_with_the_role_and_without_the_password():
    access.create_user(username="bo", password="correct horse 9", role="editor", by=ADMIN)

    assert noted() == [("user.created", "user", "bo")]
    assert AuditEvent.objects.get().data == {"role": "editor"}


def test_an_action_that_is_disabled_takes_nothing_until_it_is_enabled(catalogue):
    definitions.disable("probe-echo", by=ADMIN, note="Month end")

    with pytest.raises(ActionDisabled, match="Month end"):
        executions.submit(action="probe-echo", params={}, by=ADMIN)
    definitions.enable("probe-echo", by=ADMIN)
    executions.submit(action="probe-echo", params={}, by=ADMIN)

    assert [verb for verb, _, _ in noted()] == ["action.disabled", "action.enabled"]
    assert Action.objects.named("probe-echo").disabled_note == ""
    assert AuditEvent.objects.latest("id").data == {
        "note": "",
        "was_enabled": False,
        "note_before": "Month end",
    }


def test_what_changes_nothing_is_not_noted(catalogue):
    definitions.enable("probe-echo", by=ADMIN)
    definitions.disable("probe-echo", by=ADMIN, note="a")
    definitions.disable("probe-echo", by=ADMIN, note="a")
    definitions.disable("probe-echo", by=ADMIN, note="b")

    assert [verb for verb, _, _ in noted()] == ["action.disabled"] * 2


def test_an_action_that_is_not_there_cannot_be_disabled(catalogue):
    with pytest.raises(ActionNotFound, match="'no-such'"):
        definitions.disable("no-such", by=ADMIN)

    assert noted() == []


def test_the_commands_name_who_typed_them(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("correct horse 9\n"))

    call_command("create_api_key", "crm", "--scope", "executions:read")
    call_command("create_user", "bo", "--role", "viewer")

    owner = Path("/proc/self").owner()
    assert {(one.actor_kind, one.actor_label) for one in AuditEvent.objects.all()} == {
        ("system", owner)
    }


def test_a_key_is_revoked_by_its_public_part():
    key, secret = access.create_key(**KEY)

    call_command("revoke_api_key", key.prefix)
    call_command("revoke_api_key", key.prefix)

    assert access.authenticate(secret) is None
    assert [verb for verb, _, _ in noted()] == ["api_key.created", "api_key.revoked"]
    assert AuditEvent.objects.latest("id").actor_label == Path("/proc/self").owner()


def test_a_key_that_is_not_there_cannot_be_revoked_and_what_was_typed_is_not_repeated():
    with pytest.raises(CommandError, match="There is no API key") as refused:
        call_command("revoke_api_key", "as_0123456789ab_" + "s3cret" * 7)

    assert "s3cret" not in str(refused.value)


def test_what_a_sync_changes_is_noted_by_who_did_it(catalogue):
    with registry.isolated():
        declare("probe-new")
        definitions.sync(by=ADMIN)
        declare("probe-new", timeout=3)
        definitions.sync(by=ADMIN)
        definitions.sync(by=ADMIN)

    rows = AuditEvent.objects.order_by("id")
    assert noted() == [("action.defined", "action", "probe-new")] * 2
    assert [one.data for one in rows] == [{"version": n, "origin": "code"} for n in (1, 2)]
    assert {one.actor_label for one in rows} == {"ada"}


def test_an_action_whose_code_has_gone_is_noted_once_and_so_is_its_return(catalogue, capsys):
    with registry.isolated():
        declare("probe-new")
        definitions.sync(by=ADMIN)
    call_command("sync_actions")
    definitions.sync(by=ADMIN)
    with registry.isolated():
        declare("probe-new")
        definitions.sync(by=ADMIN)

    assert [verb for verb, _, _ in noted()] == [
        "action.defined",
        "action.gone",
        "action.returned",
    ]
    assert "gone probe-new" in capsys.readouterr().out
    assert Action.objects.named("probe-new").code_gone_at is None


def test_the_sync_with_which_an_installation_begins_is_not_noted():
    Action.objects.update(current=None)
    ActionVersion.objects.all().delete()
    Action.objects.all().delete()

    assert definitions.sync(by=ADMIN).added
    assert noted() == []


def declare(name: str, **more: object) -> None:
    @action(name, effect="none", **more)
    def body(ctx: Context) -> None:
        """Do nothing."""


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE actions_auditevent SET verb = 'x'",
        "DELETE FROM actions_auditevent",
        "TRUNCATE actions_auditevent",
    ],
)
def test_the_audit_log_refuses_to_be_changed(statement):
    audit.note(Deed.USER_CREATED, by=SYSTEM, on=Target(kind="user", id="1", label="ada"))

    with pytest.raises(Exception, match="append-only"), connection.cursor() as cursor:
        cursor.execute(statement)
