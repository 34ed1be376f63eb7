"""The JavaScript client alone: what it is told wrongly is refused, and browsers can have it."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.fixtures import installation
from tests.fixtures.node import NODE
from tests.sdk.drivers import JS

PACKAGE = installation.ROOT / "sdk" / "js"
IMPORTED = re.compile(r"""(?:\bfrom|\bimport)\s*\(?\s*["']([^"']+)["']""")
PROGRAM = """
const { Do } = await import(process.argv[1]);
let sent = 0;
const fetch = () => { sent += 1; throw new Error("sent"); };
const make = (options) => new Do("as_1", { baseUrl: "http://a.invalid", fetch, timeoutSeconds: 1, ...options });
const a = make();
const said = [];
for (const call of [%s]) {
  try { await call(); said.push("taken"); }
  catch (error) { said.push(`${error.name}: ${error.message}`); }
}
console.log(JSON.stringify({ said, sent }));
"""
WRONG = {
    'a.action.execute({ name: "x", idempotency_key: "k" })': "did you mean idempotencyKey?",
    'a.action.execute({ name: "x", timeout: 5 })': "did you mean timeoutSeconds?",
    'a.action.start({ name: "x", key: "k" })': "There is no option key; there are name, params,",
    'a.action.execute("x", { a: 1 })': '"x" was given; give one object, { name, params,',
    "a.action.execute()": "undefined was given; give one object, { name, params,",
    "a.action.execute({ params: {} })": "name is undefined; give a text that is not empty",
    'a.action.execute({ name: "x", params: [1] })': "params is [1]; give an object",
    'a.action.execute({ name: "x", params: "a=1" })': 'params is "a=1"; give an object',
    'a.action.execute({ name: "x", timeoutSeconds: "5" })': 'timeoutSeconds is "5"; give a number',
    'a.action.execute({ name: "x", timeoutSeconds: NaN })': "give a number above 0",
    'a.action.execute({ name: "x", idempotencyKey: null })': "idempotencyKey is null; give a text",
    'a.action.execute({ name: "x", idempotencyKey: "" })': "give a text that is not empty",
    'a.action.execute({ name: "x", onFailed: "again" })': 'give "replay" or "retry"',
    'a.workflow.start({ name: "x", allowUnknownOutcome: "no" })': "give true or false",
    'a.executions.list({ status: "failed" })': "There is no option status; there are filters,",
    "a.executions.list({ limit: 0 })": "limit is 0; give a whole number above 0",
    "a.executions.get()": "The id is undefined; give a text that is not empty",
    'a.executions.get("e", 5)': "5 was given; give one object, { timeoutSeconds, signal }",
    'a.executions.wait("e", { timeoutSeconds: 0 })': "timeoutSeconds is 0; give a number above 0",
    'a.executions.events("e", { after: -1 }).next()': "after is -1; give a whole number from 0 on",
    'a.executions.cancel("e", "done")': '"done" was given; give one object',
    'a.executions.rerun("e", { what: "whole" })': "There is no option what",
    'a.runs.rerun("r", { what: "whole" })': "digest is undefined; give a text",
    'a.runs.pause("r", { reason: "x" })': "There is no option reason; there are timeoutSeconds",
    'a.runs.sendEvent("r", "paid", { by: "x" })': "There is no option by",
    'a.runs.answer("r", "ask", "approved")': '"approved" was given; give one object, { decision,',
    "a.executions.list({ filters: { status: 5 } })": "filters is a Object; give an object of texts",
    'a.executions.list({ filters: { q: "\\ud800" } })': "give an object of texts, or of lists",
    'a.executions.get("\\ud800")': "give a text that is not empty",
    'a.action.execute({ name: "\\ud800" })': "give a text that is not empty",
    'a.executions.events("\\udfff").next()': "give a text that is not empty",
    'a.action.execute({ name: "x", params: new Map() })': "params is a Map, which JSON does not",
    'a.action.execute({ name: "x", params: Promise.resolve() })': "params is a Promise, which JSON",
    'a.action.execute({ name: "x", params: () => 1 })': "params is a Function; give an object",
    'a.action.start({ name: "x", params: { a: [{ b: new Set() }] } })': "params.a[0].b is a Set",
    'a.action.start({ name: "x", params: { a: [1, undefined] } })': "params.a[1] is undefined,",
    'a.action.start({ name: "x", params: { a: () => 1 } })': "params.a is a function,",
    'a.action.start({ name: "x", params: { at: new Date(NaN) } })': "params.at is an invalid Date,",
    'a.action.start({ name: "x", params: { a: 1n } })': "params.a is a bigint,",
    'a.action.start({ name: "x", params: { a: [NaN] } })': "params.a[0] is NaN, which JSON",
    'a.action.start({ name: "x", metadata: { a: Symbol() } })': "metadata.a is a symbol,",
    'a.runs.sendEvent("r", "paid", { payload: [new Map()] })': "payload[0] is a Map,",
    'make({ baseUrl: "http://a:99999" })': "The base URL http://a:99999 is not one of http",
    'make({ baseUrl: "http://a:0" })': "is not one of http or https",
    'make({ baseUrl: "http://a..b" })': "is not one of http or https",
    'make({ baseUrl: "http://me:hidden@a.invalid" })': "http://…@a.invalid is not one of http",
    'make({ baseUrl: "http://me@a.invalid" })': "a port and a path",
    'make({ baseUrl: "http://a.invalid/#x" })': "a port and a path",
    'make({ baseUrl: "http://a.invalid#" })': "a port and a path",
    'make({ baseUrl: "http://a.invalid/?x=1" })': "a port and a path",
    'make({ baseUrl: " http://a.invalid" })': "a port and a path",
    'make({ baseUrl: "http://a.invalid " })': "a port and a path",
    'make({ baseUrl: "http://a.invalid/a b" })': "a port and a path",
    'make({ baseUrl: "http://a.invalid\\n" })': "a port and a path",
    "make({ baseUrl: 5 })": "baseUrl is 5; give a text",
    'a.executions.get(".")': 'The id is "."; give a text that is not empty',
    'a.runs.events("..").next()': 'The id is ".."; give a text',
    'a.action.execute({ name: ".." })': 'name is ".."; give a text',
    'a.runs.sendEvent("r", "..")': 'The event is ".."; give a text',
    'make({ base_url: "http://b.invalid" })': "did you mean baseUrl?",
    'make({ timeoutSeconds: "5" })': 'timeoutSeconds is "5"; give a number',
}


def imported(module: Path) -> dict[Path, list[str]]:
    """All modules that are reached from this one, and what each of them imports."""
    found: dict[Path, list[str]] = {}
    waiting = [module]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found[one] = IMPORTED.findall(one.read_text())
            waiting += [(one.parent / each).resolve() for each in found[one] if each[0] == "."]
    return found


def test_what_is_told_wrongly_is_refused_before_anything_is_sent():
    calls = ", ".join(f"() => {call}" for call in WRONG)

    node = subprocess.run(
        [NODE, "--input-type=module", "-e", PROGRAM % calls, "--", JS.as_uri()],
        capture_output=True,
        text=True,
        check=True,
    )

    found = json.loads(node.stdout)
    for said, (call, advice) in zip(found["said"], WRONG.items(), strict=True):
        assert said.startswith("TypeError: "), (call, said)
        assert advice in said, (call, said)
    assert found["sent"] == 0


@pytest.mark.parametrize("condition", ["browser", "default"])
def test_what_a_browser_is_given_imports_nothing_of_node(condition):
    entry = json.loads((PACKAGE / "package.json").read_text())["exports"]["."][condition]

    reached = imported((PACKAGE / entry).resolve())

    assert (PACKAGE / "src" / "webhooks.js").resolve() in reached
    assert {each for names in reached.values() for each in names if each[0] != "."} == set()


def test_what_node_is_given_is_the_same_and_brings_the_crypto_of_version_18():
    entry = json.loads((PACKAGE / "package.json").read_text())["exports"]["."]["node"]

    assert (PACKAGE / entry).resolve() == JS.resolve()
    assert imported(JS.resolve())[JS.resolve()] == ["node:crypto", "./chance.js", "./index.js"]
