"""Secrets in events and answers: sealed where they are kept, whole where they are used."""

import json

import pytest
from django.db import connection
from psycopg import sql

from actions import vault
from actions.masking import MASK
from actions.models import Execution
from tests.actions.test_canary import TABLES
from tests.fixtures.engine import TESTER
from workflows import runs
from workflows.models import RunSignal, Step
from workflows.runs.reruns import RerunWish

CANARY = "canary-70cd"
MARKED = {"type": "object", "properties": {"code": {"type": "string", "x-secret": True}}}
NAMED = {"type": "object", "properties": {"password": {"type": "string"}}}


def approve(run, given):
    runs.answer(run_id=run.id, step="ask", decision="approved", by=TESTER, answer=given)


def send(run, given):
    runs.send(run_id=run.id, name="code", payload=given, by=TESTER)


def answered(schema):
    return {"approval": {"message": "Which code?", "form": schema}}, "answer", approve


def signalled(schema):
    return {"event": {"name": "code", "payload": schema}}, "payload", send


def all_that_is_stored():
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        for (table,) in cursor.fetchall():
            cursor.execute(sql.SQL("SELECT t::text FROM {} AS t").format(sql.Identifier(table)))
            yield table, "\n".join(row for (row,) in cursor.fetchall())


def check_stored():
    tables = dict(all_that_is_stored())
    assert MASK in tables["workflows_step"]
    assert [table for table, rows in tables.items() if CANARY in rows] == []


@pytest.fixture(params=[(MARKED, "code"), (NAMED, "password")], ids=["marked", "named"])
def secret(request):
    return request.param


@pytest.mark.parametrize("way", [answered, signalled])
def test_it_is_stored_nowhere_and_used_in_the_run_and_in_its_reruns(stage, secret, way):
    schema, name = secret
    ask, place, give = way(schema)
    code = f"${{{{ steps.ask.result.{place}.{name} }}}}"
    use = {"action": "probe-login", "params": {"user": "ann", "code": code}, "after": ["ask"]}
    fail = {"action": "probe-when-open", "after": ["use"]}
    run = stage.start({"ask": ask, "use": use, "fail": fail})

    give(run, {name: CANARY})
    run = stage.go_on(run)

    assert run.status == "failed"
    assert Step.objects.get(run=run, name="ask").result[place] == {name: MASK}
    check_stored()
    wish = RerunWish(run=run, what="from_step", step="use", reason="Why not")
    preview = runs.preview(wish)
    assert CANARY not in repr(preview.entries)
    for _ in range(2):
        run = stage.go_on(runs.rerun(wish, digest=runs.preview(wish).digest, by=TESTER))
        used = Execution.objects.get(run_id=run.id, action_name="probe-login")
        assert vault.params_of(used) == {"user": "ann", "code": CANARY}
        check_stored()
        wish = RerunWish(run=run, what="from_step", step="use", reason="Why not")


def test_an_event_that_comes_early_is_sealed_until_it_is_taken(stage):
    gate = {"event": {"name": "first"}}
    take = {"event": {"name": "code", "payload": MARKED}, "after": ["gate"]}
    code = "${{ steps.take.result.payload.code }}"
    use = {"action": "probe-login", "params": {"user": "ann", "code": code}, "after": ["take"]}
    run = stage.start({"gate": gate, "take": take, "use": use})

    send(run, {"code": CANARY})
    assert RunSignal.objects.get().payload == {"code": MASK}
    assert CANARY not in json.dumps(dict(all_that_is_stored()))
    runs.send(run_id=run.id, name="first", payload=None, by=TESTER)
    run = stage.go_on(run)

    assert run.status == "succeeded"
    used = Execution.objects.get(run_id=run.id, action_name="probe-login")
    assert vault.params_of(used)["code"] == CANARY
    check_stored()
