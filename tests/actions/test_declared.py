"""Declarative actions from a document to a result: defined, changed, claimed by any worker."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command

from actions import definitions, executor, registry, vault
from actions.errors import (
    ActionInCode,
    DefinitionInvalid,
    IdempotencyKeyRequired,
    ParamsInvalid,
)
from actions.models import Action, ActionVersion, AuditEvent, Execution
from tests.fixtures.engine import TESTER
from tests.fixtures.outside import Service

CANARY = "canary-71c4"


def document(service: Service | None = None, **more: Any) -> dict[str, Any]:
    port = service.port if service else 9
    return {
        "kind": "http",
        "description": "Make a sandbox.",
        "method": "POST",
        "url": f"http://127.0.0.1:{port}/users/${{{{ params.userId }}}}/sandboxes",
        "headers": {"Authorization": {"$secret": "sandbox-token", "prefix": "Bearer "}},
        "body": {"plan": "${{ params.plan }}"},
        "returns": {"sandboxId": "${{ response.body.id }}"},
        "params": {
            "type": "object",
            "properties": {
                "userId": {"type": "string"},
                "plan": {"type": "string", "default": "free"},
            },
            "required": ["userId"],
            "additionalProperties": False,
        },
        "retry": {"max_attempts": 1},
        **more,
    }


def test_a_document_becomes_an_action_that_calls_and_returns(engine, service):
    vault.set_secret("sandbox-token", CANARY, by=TESTER)
    definitions.define("make-sandbox", document(service), by=TESTER)

    execution = engine.run("make-sandbox", userId="usr_1")

    assert (execution.status, execution.result) == ("succeeded", {"sandboxId": "sbx_1"})
    [(path, headers, body)] = service.seen
    assert path == "/users/usr_1/sandboxes"
    assert headers["authorization"] == f"Bearer {CANARY}"
    assert headers["idempotency-key"] == execution.downstream_key
    assert body == b'{"plan":"free"}'


def test_the_trace_of_the_request_is_passed_on(engine, service):
    vault.set_secret("sandbox-token", CANARY, by=TESTER)
    definitions.define("make-sandbox", document(service), by=TESTER)
    engine.submit("make-sandbox", userId="usr_1")
    Execution.objects.update(trace_id="4bf92f3577b34da6a3ce929d0e0e4736")

    engine.drain()

    [(_, headers, _)] = service.seen
    assert headers["traceparent"].startswith("00-4bf92f3577b34da6a3ce929d0e0e4736-")


def test_params_are_checked_before_anything_is_accepted(engine):
    definitions.define("make-sandbox", document(), by=TESTER)

    with pytest.raises(ParamsInvalid):
        engine.submit("make-sandbox", plan="team")


def test_where_it_may_not_connect_it_fails_for_good_and_says_so(engine):
    vault.set_secret("sandbox-token", CANARY, by=TESTER)
    definitions.define("make-sandbox", document(retry={"max_attempts": 3}), by=TESTER)

    execution = engine.run("make-sandbox", userId="usr_1")

    assert (execution.status, execution.error_code) == ("failed", "egress_refused")
    assert execution.attempt_count == 1


def test_the_same_document_makes_no_new_version(engine):
    first = definitions.define("make-sandbox", document(), by=TESTER)
    again = definitions.define("make-sandbox", document(), by=TESTER)
    changed = definitions.define("make-sandbox", document(description="Other."), by=TESTER)

    assert (first.is_new, again.is_changed, changed.is_changed) == (True, False, True)
    numbers = ActionVersion.objects.filter(action__name="make-sandbox").values_list(
        "number", "created_by"
    )
    assert sorted(numbers) == [(1, "tester"), (2, "tester")]
    assert AuditEvent.objects.filter(verb="action.defined").count() == 2


def test_what_is_queued_runs_the_version_that_it_was_accepted_for(engine, service):
    vault.set_secret("sandbox-token", CANARY, by=TESTER)
    definitions.define("make-sandbox", document(service), by=TESTER)
    execution = engine.submit("make-sandbox", userId="usr_1")
    definitions.define("make-sandbox", document(service, returns={"new": True}), by=TESTER)

    engine.drain()

    execution.refresh_from_db()
    assert execution.result == {"sandboxId": "sbx_1"}


def test_a_name_that_code_declares_cannot_be_taken(engine):
    with pytest.raises(ActionInCode):
        definitions.define("probe-echo", document(), by=TESTER)


def test_all_that_is_wrong_with_a_document_is_said_and_nothing_stored(engine):
    wrong = document(url="ftp://x/${{ params.nope }}", success="response.", retry={"max": 1})

    with pytest.raises(DefinitionInvalid) as refusal:
        definitions.define("make-sandbox", wrong, by=TESTER)

    assert len(refusal.value.errors) >= 3
    assert not Action.objects.filter(name="make-sandbox").exists()


def test_code_that_comes_later_takes_the_name_over(engine):
    definitions.define("later-in-code", document(), by=TESTER)
    with registry.isolated():

        @registry.action("later-in-code", effect="none")
        def later(ctx: object) -> int:
            """Be there now."""
            return 7

        definitions.sync()

    action = Action.objects.named("later-in-code")
    assert (action.origin, action.current.number, action.current.definition) == ("code", 2, None)


def test_an_export_is_what_an_import_takes(engine, tmp_path, capsys):
    definitions.define("make-sandbox", document(), by=TESTER)
    call_command("actions", "export")
    file = tmp_path / "actions.yaml"
    file.write_text(capsys.readouterr().out)

    call_command("actions", "import", str(file))
    file.write_text(file.read_text().replace("make-sandbox:", "make-another:"))
    call_command("actions", "import", str(file))

    said = capsys.readouterr().out
    assert "unchanged make-sandbox, version 1" in said
    assert "added make-another, version 1" in said
    one, other = (Action.objects.named(name).current for name in ("make-sandbox", "make-another"))
    assert one.definition == other.definition


def test_a_file_that_cannot_be_imported_says_all_that_is_wrong(engine, tmp_path):
    file = tmp_path / "actions.yaml"
    file.write_text("make-sandbox:\n  kind: http\n  method: FETCH\n  url: '${{ nope }}'\n")

    with pytest.raises(CommandError) as refusal:
        call_command("actions", "import", str(file))

    assert f"{file}, make-sandbox" in str(refusal.value)
    assert "/method" in str(refusal.value)


def test_an_import_defines_all_or_nothing_and_says_all_that_is_wrong(engine, tmp_path, capsys):
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text("one:\n  kind: http\n  method: GET\n  url: 'https://example.com/'\n")
    wrong = "  kind: http\n  method: GET\n  url: 'https://example.com/'\n  zzz: 1\n"
    bad.write_text(f"two:\n{wrong}three:\n{wrong}probe-echo:\n{wrong.replace('  zzz: 1', '')}")

    for files in ([good, bad], [bad, good]):
        with pytest.raises(CommandError, match="Nothing was imported") as refusal:
            call_command("actions", "import", *map(str, files))
        assert all(
            f"{bad}, {name}" in str(refusal.value) for name in ("two", "three", "probe-echo")
        )

    assert not Action.objects.filter(name__in=["one", "two", "three"]).exists()
    assert not AuditEvent.objects.filter(object_id="one").exists()
    assert capsys.readouterr().out == ""
    call_command("actions", "import", str(good))
    assert Action.objects.named("one").current.number == 1


def test_two_files_do_not_define_one_action(engine, tmp_path):
    files = [tmp_path / "a.yaml", tmp_path / "b.yaml"]
    for file in files:
        file.write_text("one:\n  kind: http\n  method: GET\n  url: 'https://example.com/'\n")

    with pytest.raises(CommandError, match="both define one; keep one"):
        call_command("actions", "import", *map(str, files))

    assert not Action.objects.filter(name="one").exists()


NUMBERS = [
    *(1.0, -0.0, 0.1, 1e-7, 5e-324, 1e15, 1e16, 1e22, -1e300, 1.7976931348623157e308),
    *(1, 10**15, 10**25, -(10**308), 12345678901234567890, 123456789.123456789),
]


def test_numbers_are_as_they_were_after_an_export_and_an_import(engine, tmp_path, capsys):
    texts = ["1e+22", 'a "1e+22" b', "\\", '\\"1e+5']
    numbers = {"enum": NUMBERS}, {"enum": texts, "x-1e+22": 1}
    params = {"type": "object", "properties": dict(zip(("n", "t"), numbers, strict=True))}
    definitions.define("make-sandbox", document() | {"params": params}, by=TESTER)
    call_command("actions", "export")
    file = tmp_path / "actions.yaml"
    file.write_text(capsys.readouterr().out)

    call_command("actions", "import", str(file))

    assert "unchanged make-sandbox, version 1" in capsys.readouterr().out
    kept = ActionVersion.objects.get(action__name="make-sandbox").definition["params"]["properties"]
    assert kept["n"]["enum"] == NUMBERS
    assert [type(one) for one in kept["n"]["enum"]] == [type(one) for one in NUMBERS]
    assert kept["t"]["enum"] == texts


def test_what_is_no_declarative_action_is_not_exported(engine):
    with pytest.raises(CommandError, match="probe-echo"):
        call_command("actions", "export", "probe-echo")


def test_a_new_version_holds_for_the_next_request_whatever_a_process_remembers(engine):
    definitions.define("make-sandbox", document(), by=TESTER)
    before = engine.submit("make-sandbox", userId="usr_1")
    stricter = {"type": "object", "properties": {"userId": {"type": "integer"}}}
    definitions.define("make-sandbox", document(params=stricter, body={}), by=TESTER)

    after = engine.submit("make-sandbox", userId=1)
    with pytest.raises(ParamsInvalid):
        engine.submit("make-sandbox", userId="usr_1")

    assert after.version_id == Action.objects.get(name="make-sandbox").current_id
    assert after.version_id != before.version_id


def test_a_mark_that_would_hide_nothing_is_refused_where_an_action_is_defined(engine):
    marked = {"type": "object", "propertyNames": {"x-secret": True}}

    with pytest.raises(DefinitionInvalid, match="names of members are not hidden") as refused:
        definitions.define("make-sandbox", document(params=marked), by=TESTER)

    assert [one.pointer for one in refused.value.errors] == ["/params/propertyNames"]
    # A version that has it already goes on.
    assert executor.declared_spec("make-sandbox", document(params=marked))


def test_a_policy_for_keys_holds_for_the_next_request_whatever_a_process_remembers(engine):
    definitions.define("make-sandbox", document(idempotency="derived"), by=TESTER)
    one = engine.submit("make-sandbox", userId="usr_1")
    assert engine.submit("make-sandbox", userId="usr_1").id == one.id

    definitions.define("make-sandbox", document(idempotency="required"), by=TESTER)
    with pytest.raises(IdempotencyKeyRequired):
        engine.submit("make-sandbox", userId="usr_1")

    definitions.define("make-sandbox", document(idempotency="optional"), by=TESTER)
    assert engine.submit("make-sandbox", userId="usr_1").id != one.id
    definitions.define("make-sandbox", document(idempotency="required"), by=TESTER)
    with pytest.raises(IdempotencyKeyRequired):
        engine.submit("make-sandbox", userId="usr_1")
