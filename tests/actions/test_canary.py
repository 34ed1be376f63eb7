"""A secret goes in by every way there is, and is found nowhere that somebody could look.

Of each way in there is one; of the ways out there are all tables as PostgreSQL writes them, every
page, every answer of the API, the stream, the refusals and the process's own log.
"""

import asyncio
import base64
import logging
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

import pytest
from django.db import connection
from django.test import AsyncClient, Client
from psycopg import sql

from actions import access, definitions, vault
from actions.actors import SYSTEM
from actions.api.following import view as stream
from actions.models import Execution
from actions.vault import boxes
from tests.actions.test_declared import document
from tests.fixtures.engine import TESTER, Engine
from tests.fixtures.pages import person

# It looks different in every form.
CANARY = "canary/5e7d+ü=&"
SCOPES = ("actions:read", "actions:execute", "actions:write", "executions:read", "executions:write")
TABLES = """
SELECT relname FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
"""


def forms() -> list[bytes]:
    """The canary as it may be written down; of base64 the part that no neighbour changes."""
    raw = CANARY.encode()
    urls = [quote(raw, safe=""), quote(raw), quote_plus(raw)]
    texts = [CANARY, *urls, CANARY.encode("unicode_escape").decode(), raw.hex()]
    inside = [base64.b64encode(b"x" * pad + raw)[4:-4] for pad in range(3)]
    return [text.encode() for text in texts] + inside


def found_in(written: bytes) -> list[bytes]:
    return [form for form in forms() if form in written]


@pytest.fixture
def ways_in(engine: Engine, service) -> list[Execution]:
    """One execution for each way in."""
    boxes.forget()
    for name in ("probe-password", "login-code", "sandbox-token"):
        vault.set_secret(name, CANARY, by=TESTER)
    definitions.define("make-sandbox", document(service), by=TESTER)
    service.echo = f"You sent {CANARY}, in base64 {base64.b64encode(CANARY.encode()).decode()}"
    definitions.define(
        "fail-to-make",
        document(service, success="false", returns="${{ response.body }}"),
        by=TESTER,
    )
    definitions.define("show-answer", document(service, returns="${{ response.body }}"), by=TESTER)
    found = [
        engine.run("probe-login", user="ann", code=CANARY),
        engine.run("probe-login", user="ann", code={"$secret": "login-code"}),
        engine.run("probe-echo", value={"headers": {"Authorization": CANARY}}),
        engine.run("probe-marked", password=CANARY),
        engine.run("probe-secret"),
        engine.run("probe-details"),
        engine.run("make-sandbox", userId="usr_1"),
        engine.run("fail-to-make", userId="usr_1"),
        engine.run("show-answer", userId="usr_1"),
    ]
    engine.submit("probe-login", key="k", user="ann", code=CANARY)
    return [*found, *Execution.objects.filter(idempotency_key="k")]


@pytest.fixture
def api() -> Client:
    _, key = access.create_key(name="tests", scopes=SCOPES, by=SYSTEM)
    return Client(headers={"Authorization": f"Bearer {key}"})


def test_the_canary_is_sent_where_it_should_be(ways_in, service):
    """Else the others would prove nothing."""
    # The server reads bytes as Latin-1.
    sent = [headers["authorization"].encode("latin-1").decode() for _, headers, _ in service.seen]
    assert sent == [f"Bearer {CANARY}"] * 3
    assert ways_in[0].result["length"] == ways_in[1].result["length"] == len(CANARY)


def test_it_is_in_no_table(ways_in):
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        tables = [table for (table,) in cursor.fetchall()]
        for table in tables:
            cursor.execute(sql.SQL("SELECT t::text FROM {} AS t").format(sql.Identifier(table)))
            written = "\n".join(row for (row,) in cursor.fetchall()).encode()
            assert found_in(written) == [], table
    assert "actions_execution" in tables


def test_it_is_in_no_answer_of_the_api(ways_in, api):
    paths = ["/executions?limit=200", f"/executions?q={quote(CANARY)}", "/actions"]
    for one in ways_in:
        own = f"/executions/{one.shown_id}"
        paths += [own, f"{own}/events", f"{own}/waiting"]
    for path in paths:
        answer = api.get(f"/api/v1{path}")
        assert answer.status_code == 200
        said = (
            answer.content.replace(quote(CANARY).encode(), b"") if "?q=" in path else answer.content
        )
        assert found_in(said) == [], path


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/actions/probe-login/executions", {"params": {"user": 7, "code": CANARY}}),
        ("/actions/probe-login/executions", {"params": {"code": [CANARY], "user": "a"}}),
        ("/actions/probe-marked/executions", {"params": {"password": {"x": CANARY}}}),
    ],
)
def test_it_is_in_no_refusal(ways_in, api, path, body):
    answer = api.post(f"/api/v1{path}", body, content_type="application/json")

    assert answer.status_code == 422
    assert found_in(answer.content) == []


def test_it_is_in_no_mismatch(ways_in, api):
    other = {"params": {"user": "ann", "code": f"{CANARY}2"}}

    answer = api.post(
        "/api/v1/actions/probe-login/executions",
        other,
        content_type="application/json",
        headers={"Idempotency-Key": "k"},
    )

    assert answer.json()["code"] == "idempotency-key-reused"
    assert found_in(answer.content) == []
    assert_in_no_table_of_events()


def assert_in_no_table_of_events() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(t::text, '') FROM actions_executionevent AS t")
        assert found_in(cursor.fetchone()[0].encode()) == []


def test_it_is_on_no_page(ways_in):
    browser = Client()
    browser.force_login(person("operator"))
    paths = ["/executions", "/actions", "/actions/make-sandbox", "/actions/probe-login"]
    for one in ways_in:
        own = f"/executions/{one.shown_id}"
        paths += [own, f"{own}/_live", f"{own}/rerun?edit=1"]
    for path in paths:
        answer = browser.get(path)
        assert answer.status_code in (200, 409), path
        assert found_in(answer.content) == [], path


def test_it_is_in_no_stream(ways_in, api, monkeypatch):
    monkeypatch.setattr(stream, "LONGEST_SECONDS", 3.0)
    key = api.defaults.get("HTTP_AUTHORIZATION") or api.headers["Authorization"]

    async def follow(one: Execution) -> bytes:
        answer = await AsyncClient().get(
            f"/api/v1/executions/{one.shown_id}/events",
            headers={"Authorization": key, "Accept": "text/event-stream"},
        )
        return b"".join([piece async for piece in answer.streaming_content])

    async def follow_all() -> list[bytes]:
        return [await follow(one) for one in ways_in if one.is_terminal]

    told = asyncio.run(follow_all())

    assert all(b"event: end" in one for one in told)
    assert found_in(b"".join(told)) == []


@pytest.fixture
def log() -> Iterator[list[str]]:
    """Everything that the process logs."""
    lines: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    kept = Kept()
    logging.getLogger().addHandler(kept)
    yield lines
    logging.getLogger().removeHandler(kept)


def test_it_is_in_no_line_of_the_log(log, ways_in, api):
    body = {"params": {"user": "ann", "code": CANARY}}
    api.post("/api/v1/actions/probe-login/executions", body, content_type="application/json")

    assert found_in("\n".join(log).encode()) == []
