"""Secret parts of params and results: sealed at rest, whole where the action's code runs."""

import pytest
from django.db import connection

from actions import executions, vault
from actions.errors import IdempotencyKeyReused, ParamsInvalid
from actions.masking import MASK
from actions.models import Execution
from actions.vault import boxes
from tests.fixtures.engine import TESTER

CANARY = "canary-5e7d"


def stored(execution):
    """Everything that the row says, as PostgreSQL writes it."""
    [row] = Execution.objects.raw(
        "SELECT id, row_to_json(e)::text AS written FROM actions_execution e WHERE id = %s",
        [execution.id],
    )
    return row.written


def test_a_marked_param_is_sealed_at_rest_and_whole_for_the_action(engine):
    execution = engine.run("probe-login", user="ann", code=CANARY)

    assert execution.params == {"user": "ann", "code": MASK}
    assert execution.result["length"] == len(CANARY)
    assert CANARY not in stored(execution)
    assert vault.params_of(execution) == {"user": "ann", "code": CANARY}


def test_a_param_with_a_secret_name_is_sealed_too(engine):
    execution = engine.run("probe-echo", value={"password": CANARY, "user": "ann"})

    assert execution.params["value"] == {"password": MASK, "user": "ann"}
    assert CANARY not in stored(execution)


def test_a_marked_part_of_a_result_is_sealed_at_rest(engine):
    execution = engine.run("probe-login", user="ann", code=CANARY)

    assert execution.result == {"session": MASK, "length": len(CANARY)}
    assert "session of ann" not in stored(execution)
    whole = vault.with_parts(
        execution.result,
        bytes(execution.result_sealed),
        of=vault.RESULT,
        execution_id=execution.id,
    )
    assert whole["session"] == "session of ann"


def test_what_has_no_secret_is_sealed_in_nothing(engine):
    execution = engine.run("probe-echo", value=[1, {"a": None}])

    assert execution.params_sealed is None
    assert execution.result_sealed is None


def test_a_rerun_has_the_same_secret_sealed_for_itself(engine):
    first = engine.run("probe-login", user="ann", code=CANARY)

    second = executions.rerun(execution_id=first.id, by=TESTER)
    engine.drain()

    second.refresh_from_db()
    assert second.result["length"] == len(CANARY)
    assert second.params_sealed != first.params_sealed
    assert vault.params_of(second)["code"] == CANARY


def test_a_sealed_part_cannot_be_moved_to_another_execution(engine):
    one = engine.run("probe-login", user="ann", code=CANARY)
    other = engine.submit("probe-login", user="bob", code="other")
    Execution.objects.filter(id=other.id).update(params_sealed=one.params_sealed)

    engine.drain()

    other.refresh_from_db()
    assert (other.status, other.error_code) == ("failed", "vault_locked")


def test_repeats_with_a_secret_are_told_apart_though_it_is_sealed(engine, settings):
    first = engine.submit("probe-login", key="k", user="ann", code=CANARY)
    # The fingerprints cannot be compared after this; what was stored is.
    settings.ACTIONSITE_FINGERPRINT_KEY = "another-" * 8

    again = engine.submit("probe-login", key="k", user="ann", code=CANARY)

    assert again.id == first.id
    with pytest.raises(IdempotencyKeyReused) as refusal:
        engine.submit("probe-login", key="k", user="ann", code="other")
    assert [problem.pointer for problem in refusal.value.errors] == ["/code"]


def test_a_mask_is_no_value(engine):
    with pytest.raises(ParamsInvalid) as refusal:
        engine.submit("probe-login", user="ann", code=MASK)

    assert [problem.code for problem in refusal.value.errors] == ["only-a-mask"]


def test_a_reference_is_resolved_for_the_action_alone(engine):
    vault.set_secret("login-code", CANARY, by=TESTER)
    reference = {"$secret": "login-code"}

    execution = engine.run("probe-login", user="ann", code=reference)

    assert execution.result["length"] == len(CANARY)
    assert execution.params == {"user": "ann", "code": reference}
    assert CANARY not in stored(execution)


def test_a_reference_is_resolved_when_the_attempt_begins(engine):
    vault.set_secret("login-code", "old", by=TESTER)
    execution = engine.submit("probe-login", user="ann", code={"$secret": "login-code"})
    vault.set_secret("login-code", CANARY, by=TESTER)

    engine.drain()

    execution.refresh_from_db()
    assert execution.result["length"] == len(CANARY)


def test_a_reference_to_what_is_not_there_is_refused(engine):
    vault.set_secret("of-others", CANARY, by=TESTER, actions=["others-*"])

    for name in ("missing", "of-others"):
        with pytest.raises(ParamsInvalid) as refusal:
            engine.submit("probe-login", user="ann", code={"$secret": name})
        [problem] = refusal.value.errors
        assert (problem.pointer, problem.code) == ("/code", "secret-not-found")


def test_a_secret_that_was_removed_meanwhile_fails_the_attempt_for_good(engine):
    vault.set_secret("login-code", CANARY, by=TESTER)
    execution = engine.submit("probe-login", user="ann", code={"$secret": "login-code"})
    vault.remove("login-code", by=TESTER)

    engine.drain()

    execution.refresh_from_db()
    assert (execution.status, execution.error_code) == ("failed", "secret_missing")


def test_where_no_secret_may_stand_a_reference_is_an_object_like_any_other(engine):
    vault.set_secret("login-code", CANARY, by=TESTER)

    echoed = engine.run("probe-echo", value={"$secret": "login-code"})

    assert echoed.result == {"$secret": "login-code"}
    with pytest.raises(ParamsInvalid):
        engine.submit("probe-login", user={"$secret": "login-code"}, code="code")


def test_an_action_reads_a_secret_by_its_name_and_the_record_does_not_tell_it(engine):
    vault.set_secret("probe-password", CANARY, by=TESTER)

    execution = engine.run("probe-secret")

    assert "cannot use ••••••" in execution.error["message"]
    assert CANARY not in stored(execution)


def test_a_coroutine_reads_secrets_too(engine):
    vault.set_secret("probe-password", CANARY, by=TESTER)

    execution = engine.run("probe-secret-later")

    assert execution.result == len(CANARY)


def test_a_secret_is_read_again_after_its_connection_was_cut(engine):
    vault.set_secret("probe-password", CANARY, by=TESTER)
    engine.run("probe-secret")

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    execution = engine.run("probe-secret")

    assert execution.error_code == "exception"


def test_where_the_key_is_lost_attempts_fail_with_a_clear_error(engine, settings):
    execution = engine.submit("probe-login", user="ann", code=CANARY)
    settings.ACTIONSITE_VAULT_KEY = "another-" * 8
    boxes.forget()

    engine.drain()
    boxes.forget()

    execution.refresh_from_db()
    assert (execution.status, execution.error_code) == ("failed", "vault_locked")
    assert "ACTIONSITE_VAULT_KEY" in execution.error["message"]
