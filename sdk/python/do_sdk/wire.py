"""Requests as they are sent, and answers as they come. Floor: core, pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Required, TypedDict
from urllib.parse import quote
from uuid import uuid4

from do_sdk import options
from do_sdk.errors import WrongOption

_RUNS = "/runs"
# What a call may be told beside its wishes.
_CALL = ("name", "params", "idempotency_key", "timeout")
# So many events of a log are read at once.
_MOST = 200
Filters = Mapping[str, str | Sequence[str]]
# A request's own name, which the service sends back with the answer.
MARK = "X-Client-Request-Id"


class Wishes(TypedDict, total=False):
    """What else may be said of a call.

    `on_conflict`: if the key's execution has not ended, attach to it or fail. `on_failed`: if it
    has failed, replay that or retry; `allow_unknown_outcome` retries even if nobody knows whether
    it had its effect. `metadata`: notes of your own, kept with the execution.
    """

    on_conflict: Literal["attach", "fail"]
    on_failed: Literal["replay", "retry"]
    allow_unknown_outcome: bool
    metadata: Mapping[str, Any]


class RerunWish(TypedDict, total=False):
    """What of a run is to be run again; the same for a preview and for the re-run.

    `what`: from what has failed, from a `step` on, or all of it. `version`: that of the run, the
    latest, or any by its number. `params` replace those of the run. `reason` is for the record, and
    needed where something outside may happen again.
    """

    what: Required[Literal["from_failed", "from_step", "whole"]]
    step: str
    version: Literal["original", "latest"] | int
    params: Mapping[str, Any]
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """One request below /api/v1; its bytes are the same on every try."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    content: bytes | None = None
    # The idempotency key that stands in the body.
    key: str | None = None
    # What tells its answer from another's: a field of the record, and what stands there.
    known_by: tuple[str, str] | None = None
    may_wait: bool = False

    def headers(self, *, wait: int) -> dict[str, str]:
        """What is sent along; `wait` is in seconds."""
        sent = {"Accept": "application/json, application/problem+json"}
        if self.method == "POST":
            sent["Content-Type"] = "application/json"
        sent["Prefer"] = f"wait={wait}" if self.may_wait and wait else "respond-async"
        return sent


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """One answer; the names of its headers are in lower case."""

    status: int
    content: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def request_id(self) -> str | None:
        """The service's name for the request."""
        return self.headers.get("x-request-id")


def new_key() -> str:
    """A name that nothing else has: a key, or the mark of one try."""
    return f"do-{uuid4()}"


def begin(
    begun_at: str,
    name: str,
    params: Mapping[str, Any] | None,
    *,
    key: str | None,
    wishes: Wishes,
) -> Request:
    """Execute an action or run a workflow; a key is made if there is none."""
    options.check_names(wishes, may=[*_CALL, *Wishes.__annotations__])
    key = _key(key)
    given = {} if params is None else params
    body = {"params": given, "idempotency_key": _spelt(key), **wishes}
    return _post(begun_at.format(_quoted(name)), body, key=key, known_by=("key", key))


def asked_again(request: Request) -> Request:
    """The same request as a mere question: it attaches, and starts nothing anew."""
    body = json.loads(request.content or b"{}")
    kept = {name: body[name] for name in ("params", "idempotency_key")}
    return replace(request, content=_encoded(kept))


def read(path: str, identity: str) -> Request:
    """Read one execution or run."""
    return Request(method="GET", path=_at(path, identity), known_by=("id", identity))


def waiting(request: Request) -> Request:
    """The same request, answered once it has ended, or the wait is over."""
    return replace(request, may_wait=True)


def page(path: str, filters: Filters | None, *, limit: int, cursor: str | None) -> Request:
    """List executions or runs."""
    filters = {} if filters is None else filters
    options.check({"filters": filters, "limit": limit, "cursor": cursor or ""})
    query = [("limit", str(limit)), *([("cursor", cursor)] if cursor else [])]
    for name, value in filters.items():
        query += [(name, each) for each in ([value] if isinstance(value, str) else value)]
    return Request(method="GET", path=path, query=tuple(query))


def events(path: str, identity: str) -> Request:
    """Follow a log."""
    return Request(method="GET", path=f"{_at(path, identity)}/events")


def event_page(path: str, identity: str, *, after: int) -> Request:
    """Read a log after that number."""
    query = (("limit", str(_MOST)), ("cursor", str(after)))
    return replace(events(path, identity), query=query)


def cancel(path: str, identity: str, *, reason: str, key: str | None) -> Request:
    """Cancel it, or ask it to stop."""
    return _command(path, identity, "cancel", body={"reason": reason}, key=_key(key))


def pause(run_id: str, *, note: str, key: str | None) -> Request:
    """Begin no more steps."""
    return _command(_RUNS, run_id, "pause", body={"note": note}, key=_key(key))


def resume(run_id: str, *, note: str, key: str | None) -> Request:
    """Go on."""
    return _command(_RUNS, run_id, "resume", body={"note": note}, key=_key(key))


def send_event(run_id: str, name: str, *, payload: Any, key: str | None) -> Request:
    """Send a named event to a run."""
    verb = f"events/{_quoted(name)}"
    return _command(_RUNS, run_id, verb, body={"payload": payload}, key=_key(key))


def answer(run_id: str, step: str, *, said: Mapping[str, Any], key: str | None) -> Request:
    """Answer an approval step; what is None was not said."""
    body = {name: value for name, value in said.items() if value is not None}
    return _command(_RUNS, run_id, f"steps/{_quoted(step)}/answer", body=body, key=_key(key))


def rerun(
    execution_id: str, *, params: Mapping[str, Any] | None, reason: str, key: str | None
) -> Request:
    """Run an ended execution again, with the same params if there are none."""
    body = {"reason": reason, **({} if params is None else {"params": params})}
    return _rerun("/executions", execution_id, body=body, key=key)


def rerun_run(run_id: str, wish: RerunWish, *, digest: str, key: str | None) -> Request:
    """Run an ended run again, as the preview with that digest has shown."""
    _check_wish(wish, may=("digest", "idempotency_key"))
    return _rerun(_RUNS, run_id, body={**wish, "digest": digest}, key=key)


def rerun_preview(run_id: str, wish: RerunWish) -> Request:
    """Ask what that would do; nothing is stored."""
    _check_wish(wish)
    return _command(_RUNS, run_id, "rerun-preview", body=wish)


def _check_wish(wish: RerunWish, *, may: tuple[str, ...] = ()) -> None:
    options.check_names(wish, may=[*RerunWish.__annotations__, *may])
    options.check({"what": wish.get("what")})


def _rerun(path: str, identity: str, *, body: Mapping[str, Any], key: str | None) -> Request:
    request = _command(path, identity, "rerun", body=body, key=_key(key))
    return replace(request, known_by=("rerun_of", identity))


def _command(
    path: str, identity: str, verb: str, *, body: Mapping[str, Any], key: str | None = None
) -> Request:
    keyed = {**body, **({} if key is None else {"idempotency_key": _spelt(key)})}
    return _post(f"{_at(path, identity)}/{verb}", keyed, key=key, known_by=("id", identity))


def _key(key: str | None) -> str:
    if key is None:
        return new_key()
    options.check({"idempotency_key": key})
    return key


def _spelt(key: str) -> str:
    """A key as a body says it: what begins with a quote would be read as a quoted string."""
    return json.dumps(key) if key.startswith('"') else key


def _at(path: str, identity: str) -> str:
    return f"{path}/{_quoted(identity)}"


def _quoted(text: str) -> str:
    # Dots alone lead to another address.
    if not options.is_text(text) or text in ("", ".", ".."):
        raise WrongOption(
            f"The name or id is {text!r}, which can stand in no address; give another."
        )
    return quote(text, safe="")


def _post(
    path: str, body: Mapping[str, Any], *, known_by: tuple[str, str], key: str | None = None
) -> Request:
    return Request(
        method="POST",
        path=path,
        content=_encoded(body),
        key=key,
        known_by=known_by,
    )


def _encoded(body: Mapping[str, Any]) -> bytes:
    options.check(body)
    try:
        plain = {name: options.plain(value, place=name) for name, value in body.items()}
        return json.dumps(plain).encode()
    except RecursionError as wrong:
        said = "What is to be sent is nested too deeply, or holds itself; give less."
        raise WrongOption(said) from wrong
