"""The line as it is: streams with each line end of the standard, ends that are heard at once, timers."""

import asyncio
import json
import subprocess
import time

import httpx2
import pytest

import do_sdk
from tests.fixtures.node import NODE
from tests.sdk.drivers import JS, all_of
from tests.sdk.test_core import RETRY_AFTER, TOO_LONG
from tests.sdk.test_logs import ENDS as ENDS_OF_A_RUN

STREAM = {"Content-Type": "text/event-stream"}
LINES = [
    ": a comment",
    "",
    "id: 1",
    'data: {"seq": 1, "type": "accepted", "at": "\u2028é", "data": {}}',
    "",
    "event:log",
    'data: {"seq": 2, "type": "succeeded",',
    'data:"at": "", "data": {}}',
    "",
    "event: end",
    "data: {}",
    "",
    "",
]
ENDS = {"LF": "\n", "CRLF": "\r\n", "CR": "\r"}
BOM = "\ufeff"
FOLLOW = """
const { Do } = await import(process.argv[1]);
const found = [];
for (const pieces of JSON.parse(process.argv[2])) {
  const body = new ReadableStream({
    // What has ended says so; its line stays open.
    pull(controller) {
      const piece = pieces.shift();
      if (piece === undefined) return new Promise(() => {});
      controller.enqueue(Uint8Array.from(piece));
    },
  });
  const headers = { "content-type": "text/event-stream" };
  const fetch = async () => new Response(body, { headers });
  const a = new Do("as_1", { baseUrl: "http://a.invalid", fetch });
  const seen = [];
  for await (const event of a.executions.events("exec_1")) seen.push(event.seq);
  found.push(seen);
}
console.log(JSON.stringify(found));
"""
ABORTED = """
const { Do } = await import(process.argv[1]);
const silent = (url, { signal }) =>
  new Promise((_, fail) => signal.addEventListener("abort", () => fail(signal.reason)));
const a = new Do("as_1", { baseUrl: "http://a.invalid", fetch: silent });
const call = { name: "x" };
const calls = [
  (patience) => a.action.execute({ ...call, ...patience }),
  (patience) => a.workflow.start({ ...call, ...patience }),
  (patience) => a.executions.wait("exec_1", patience),
  (patience) => a.runs.pause("run_1", patience),
  (patience) => a.executions.events("exec_1", patience).next(),
  (patience) => a.runs.events("run_1", patience).next(),
];
const said = [];
for (const begin of calls) {
  for (const signal of [AbortSignal.abort(), soon()]) {
    try { await begin({ signal }); said.push("taken"); }
    catch (error) { said.push(error.name); }
  }
}
function soon() {
  const stop = new AbortController();
  queueMicrotask(() => stop.abort());
  return stop.signal;
}
const left = process.getActiveResourcesInfo().filter((each) => each === "Timeout");
console.log(JSON.stringify({ said, left }));
process.exit();
"""
READ = """
const { Do } = await import(process.argv[1]);
const orders = JSON.parse(process.argv[2]);
let clock = 0;
performance.now = () => clock * 1000;
// A pause takes an hour; what ends a try that has no time does so at once.
globalThis.setTimeout = (then, ms) => {
  if (ms <= 1000) queueMicrotask(then);
  if (ms === 1000) clock += 3600;
};
const found = [];
for (const order of orders) {
  const fetch = async (url, { signal }) => {
    await null;
    await null;
    signal.throwIfAborted();
    return new Response(order.shift());
  };
  const a = new Do("as_1", { baseUrl: "http://a.invalid", fetch });
  const types = [];
  for await (const event of a.runs.events("exec_1")) types.push(event.type);
  found.push(types);
}
console.log(JSON.stringify(found));
"""
REFUSED = """
const { Do } = await import(process.argv[1]);
const found = [];
for (const header of JSON.parse(process.argv[2])) {
  let tries = 0;
  const headers = header === "" ? {} : { "Retry-After": header };
  const fetch = async () => {
    tries += 1;
    return new Response("{}", { status: tries > 1 ? 403 : 503, headers });
  };
  const timeoutSeconds = process.argv[3] === "long" ? Infinity : 0.01;
  const a = new Do("as_1", { baseUrl: "http://a.invalid", fetch, timeoutSeconds });
  try { await a.executions.get("exec_1"); }
  catch ({ retryAfter }) { found.push({ tries, retryAfter: String(retryAfter) }); }
}
console.log(JSON.stringify(found));
"""


def run_node(program: str, *arguments: str):
    """What a program that is told where the client is says in JSON; it has to end soon."""
    command = [NODE, "--input-type=module", "-e", program, "--", JS.as_uri(), *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return json.loads(ended.stdout)


def streams() -> list[bytes]:
    """The same log with each line end, with and without a BOM."""
    return [(mark + end.join(LINES)).encode() for end in ENDS.values() for mark in ("", BOM)]


class Endless(httpx2.SyncByteStream, httpx2.AsyncByteStream):
    """A stream in pieces, whose line stays open after the last."""

    def __init__(self, pieces: list[bytes]) -> None:
        self.pieces = pieces
        self.is_closed = False

    def __iter__(self):
        yield from self.pieces
        pytest.fail("The end was not heard.")

    async def __aiter__(self):
        for piece in self.pieces:
            yield piece
        pytest.fail("The end was not heard.")

    def close(self) -> None:
        self.is_closed = True

    async def aclose(self) -> None:
        self.is_closed = True


def pieces_of(text: bytes, size: int) -> list[bytes]:
    return [text[start : start + size] for start in range(0, len(text), size)]


async def follow(client: str, transport: httpx2.MockTransport) -> list[int]:
    """The numbers of a log that either Python client follows."""
    kind = getattr(do_sdk, client)
    do = kind("as_1", base_url="http://a.invalid", transport=transport)
    return [event.seq for event in await all_of(do.executions.events("exec_1"))]


@pytest.mark.parametrize("size", [1, 2, 7, 10_000])
@pytest.mark.parametrize("text", streams())
@pytest.mark.parametrize("client", ["Do", "AsyncDo"])
def test_a_stream_may_have_any_line_end_and_is_left_at_its_end(client, text, size):
    # The last line end tells a lone CR from half a CRLF only once something follows.
    body = Endless([*pieces_of(text, size), b":\n"])
    transport = httpx2.MockTransport(
        lambda _request: httpx2.Response(200, headers=STREAM, stream=body)
    )

    assert asyncio.run(follow(client, transport)) == [1, 2]
    assert body.is_closed


@pytest.mark.parametrize("size", [1, 2, 7, 10_000])
def test_javascript_takes_any_line_end_and_leaves_at_the_end(size):
    told = [[list(piece) for piece in pieces_of(text, size)] for text in streams()]

    assert run_node(FOLLOW, json.dumps(told)) == [[1, 2]] * len(told)


def test_a_call_that_is_given_up_leaves_no_timer_behind():
    began = time.monotonic()

    assert run_node(ABORTED) == {"said": ["AbortError"] * 12, "left": []}
    assert time.monotonic() - began < 20


def test_javascript_reads_a_log_to_its_end_whenever_the_run_ends():
    orders = [[one.content.decode() for one in order] for order in ENDS_OF_A_RUN.values()]

    assert run_node(READ, json.dumps(orders)) == [["accepted", "succeeded"]] * len(orders)


def test_javascript_reads_what_is_said_of_waiting_as_python_does():
    found = run_node(REFUSED, json.dumps(list(RETRY_AFTER)), "short")

    expected = {None: "null", 0.0: "0", 120.0: "120", float("inf"): "Infinity"}
    assert [each["retryAfter"] for each in found] == [expected[one] for one in RETRY_AFTER.values()]


def test_javascript_does_not_wait_for_more_than_a_day():
    found = run_node(REFUSED, json.dumps(TOO_LONG), "long")

    assert [each["tries"] for each in found] == [1] * len(TOO_LONG)


@pytest.mark.parametrize("header", TOO_LONG)
@pytest.mark.parametrize("client", ["Do", "AsyncDo"])
def test_python_does_not_wait_for_more_than_a_day(client, header):
    seen = []

    def refuse(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return httpx2.Response(503, headers={"Retry-After": header})

    kind = getattr(do_sdk, client)
    transport = httpx2.MockTransport(refuse)
    do = kind("as_1", base_url="http://a.invalid", timeout=float("inf"), transport=transport)

    async def get():
        found = do.executions.get("exec_1")
        return await found if client == "AsyncDo" else found

    with pytest.raises(do_sdk.Unavailable):
        asyncio.run(get())

    assert len(seen) == 1
