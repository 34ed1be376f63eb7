"""Following a long log: what comes in renews the patience, and a stream that ends is opened again."""

import json
import subprocess

import pytest

from do_sdk import ConnectionFailed, wire
from do_sdk.streams import BROKEN_SECONDS, Follower
from tests.fixtures.node import NODE
from tests.sdk.drivers import JS
from tests.sdk.http_proxy import Instead

COMMENT = ": still here\n\n"
LONGEST_SECONDS = 600
ENDED = Instead(status=200, headers={"Content-Type": "text/event-stream"}, body=COMMENT)
EMPTY = Instead(status=200, headers={"Content-Type": "text/event-stream"})
# A connection is a list of what comes in, and of the seconds that pass.
QUIET = [['data: {"seq": 1, "type": "accepted", "at": "", "data": {}}\n\n'], *[[15, COMMENT]] * 40]
FOLLOW = """
const { Do } = await import(process.argv[1]);
const connections = JSON.parse(process.argv[2]);
const asked = [];
let clock = 0;
performance.now = () => clock * 1000;
const encoder = new TextEncoder();
function fetch(url, { headers }) {
  asked.push(headers["Last-Event-ID"]);
  const pieces = connections.shift();
  const body = new ReadableStream({
    pull(controller) {
      const piece = pieces.shift();
      if (piece === "cut") return controller.error(new Error("cut"));
      if (piece === undefined) return controller.close();
      if (typeof piece === "number") { clock += piece; return this.pull(controller); }
      controller.enqueue(encoder.encode(piece));
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}
const a = new Do("as_1", { baseUrl: "http://a.invalid", fetch });
const seen = [];
for await (const event of a.executions.events("exec_1")) seen.push(event.seq);
console.log(JSON.stringify({ seen, asked }));
"""


class Clock:
    """Moves when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def follower(self, after: int = 0) -> Follower:
        request = wire.events("/executions", "exec_1")
        return Follower(request, after=after, clock=lambda: self.now, chance=lambda: 1.0)


def stay(clock: Clock, follower: Follower, *, seconds: int) -> None:
    """One connection on which nothing comes but comments."""
    follower.headers()
    for _ in range(seconds // 15):
        clock.now += 15
        follower.hear()


@pytest.mark.parametrize("trouble", [None, ConnectionFailed("cut")])
def test_a_quiet_stream_is_taken_up_again_however_long_it_was(trouble):
    clock = Clock()
    follower = clock.follower()

    for _ in range(3):
        stay(clock, follower, seconds=LONGEST_SECONDS)
        assert follower.delay_after(trouble) <= 1


def test_a_stream_on_which_nothing_comes_at_all_stays_broken_and_is_raised():
    clock = Clock()
    follower = clock.follower()
    stay(clock, follower, seconds=LONGEST_SECONDS)

    def go_on():
        while True:
            follower.headers()
            clock.now += follower.delay_after(None)

    with pytest.raises(ConnectionFailed, match="ended before the log"):
        go_on()

    assert clock.now < LONGEST_SECONDS + BROKEN_SECONDS


def test_streams_that_break_after_a_word_are_not_asked_for_ever_faster():
    clock = Clock()
    follower = clock.follower()

    delays = []
    for _ in range(7):
        follower.headers()
        follower.hear()
        delays.append(follower.delay_after(ConnectionFailed("cut")))

    assert delays == [0.25, 0.5, 1, 2, 4, 8, 8]


@pytest.mark.parametrize("end", [[], ["cut"]])
def test_javascript_takes_up_a_quiet_stream_again_however_long_it_was(end):
    quiet = [piece for part in QUIET for piece in part]
    connections = [[*quiet, *end], [*quiet[1:], *end], ["event: end\ndata: {}\n\n"]]

    node = subprocess.run(
        [NODE, "--input-type=module", "-e", FOLLOW, "--", JS.as_uri(), json.dumps(connections)],
        capture_output=True,
        text=True,
        check=True,
    )

    assert json.loads(node.stdout) == {"seen": [1], "asked": ["0", "1", "1"]}


def test_a_stream_that_ends_before_its_log_is_opened_again(driver, proxy, name):
    done = driver.call("execute", name="probe-mark", params={"name": name})
    whole = driver.call("events", id=done["id"], after=0)
    proxy.reset([ENDED, ENDED, EMPTY, "pass"])

    rest = driver.call("events", id=done["id"], after=whole[0])

    assert rest == whole[1:]
    assert [one.headers["last-event-id"] for one in proxy.seen] == [str(whole[0])] * 4
