"""One face for three clients: Do, AsyncDo and the JavaScript one.

`call` runs one operation, `of` an action unless it is said to be of a workflow, and returns what came
of it as plain JSON: an execution or a run, a page, a list of events, or `{"raised": …}` with what the
error carries. JavaScript runs in a process that speaks JSON, a line for a call and a line for its end.
"""

import asyncio
import dataclasses
import inspect
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import do_sdk
from tests.fixtures import installation
from tests.fixtures.node import NODE

PROGRAM = Path(__file__).with_name("driver.mjs")
JS = installation.ROOT / "sdk" / "js" / "src" / "node.js"
RECORD = ("id", "status", "ok", "result", "replayed", "key", "request_id")
Of = Literal["action", "workflow"]


class Python:
    """Do or AsyncDo; what returns an awaitable is awaited."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.runner = asyncio.Runner()

    def call(self, operation: str, /, **arguments: Any) -> Any:
        return self.runner.run(self._call(operation, arguments))

    async def _call(self, operation: str, arguments: dict[str, Any]) -> Any:
        try:
            return await getattr(self, f"_{operation}")(**arguments)
        except do_sdk.DoError as error:
            return raised(error)

    def close(self) -> None:
        self.runner.run(given(self.client.close))
        self.runner.close()

    def _records(self, of: Of) -> Any:
        return self.client.executions if of == "action" else self.client.runs

    async def _execute(self, *, of: Of = "action", **call: Any) -> Any:
        return shown(await given(getattr(self.client, of).execute, **call))

    async def _start(self, *, of: Of = "action", then: str = "", **call: Any) -> Any:
        handle = await given(getattr(self.client, of).start, **call)
        match then:
            case "wait":
                return shown(await given(handle.wait))
            case "events":
                return [event.type for event in await all_of(handle.events())]
            case "cancel":
                return shown(await given(handle.cancel, reason="a test"))
            case _:
                return shown(handle.record)

    async def _get(self, *, of: Of = "action", **which: str) -> Any:
        return shown(await given(self._records(of).get, which["id"]))

    async def _wait(self, *, of: Of = "action", timeout: float, **which: str) -> Any:
        return shown(await given(self._records(of).wait, which["id"], timeout=timeout))

    async def _cancel(self, *, of: Of = "action", **wish: Any) -> Any:
        return shown(await given(self._records(of).cancel, wish.pop("id"), **wish))

    async def _rerun(self, *, of: Of = "action", **wish: Any) -> Any:
        patience = wish.pop("patience", None)
        handle = await given(self._records(of).rerun, wish.pop("id"), **wish)
        return shown(await given(handle.wait, timeout=patience))

    async def _list(self, *, of: Of = "action", **wish: Any) -> Any:
        page = await given(self._records(of).list, **wish)
        return {"entries": [shown(one) for one in page.entries], "next": page.next_cursor}

    async def _events(self, *, of: Of = "action", after: int, **which: str) -> Any:
        followed = self._records(of).events(which["id"], after=after)
        return [event.seq for event in await all_of(followed)]

    async def _pause(self, **wish: Any) -> Any:
        return shown(await given(self.client.runs.pause, wish.pop("id"), **wish))

    async def _resume(self, **wish: Any) -> Any:
        return shown(await given(self.client.runs.resume, wish.pop("id"), **wish))

    async def _send_event(self, **wish: Any) -> Any:
        return shown(await given(self.client.runs.send_event, wish.pop("id"), **wish))

    async def _answer(self, **wish: Any) -> Any:
        return shown(await given(self.client.runs.answer, wish.pop("id"), **wish))

    async def _rerun_preview(self, **wish: Any) -> Any:
        found = await given(self.client.runs.rerun_preview, wish.pop("id"), **wish)
        verdicts = {step.name: step.verdict for step in found.steps}
        return {"digest": found.digest, "needs_reason": found.needs_reason, "steps": verdicts}


class JavaScript:
    """The JavaScript client, in a Node of its own."""

    def __init__(self, url: str, key: str) -> None:
        self.node = subprocess.Popen(
            [NODE, str(PROGRAM), JS.as_uri()],
            env={"DO_API_URL": url, "DO_API_KEY": key},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def call(self, operation: str, /, **arguments: Any) -> Any:
        self.node.stdin.write(json.dumps([operation, arguments]) + "\n")
        self.node.stdin.flush()
        return json.loads(self.node.stdout.readline())

    def close(self) -> None:
        self.node.stdin.close()
        assert self.node.wait(10) == 0
        self.node.stdout.close()


Driver = Python | JavaScript
DRIVERS: dict[str, Callable[[str, str], Driver]] = {
    "Do": lambda url, key: Python(do_sdk.Do(key, base_url=url)),
    "AsyncDo": lambda url, key: Python(do_sdk.AsyncDo(key, base_url=url)),
    "JavaScript": JavaScript,
}


def shown(record: do_sdk.Record) -> dict[str, Any]:
    """An execution or a run as plain JSON."""
    found = {name: getattr(record, name) for name in RECORD}
    steps = {step.name: step.status for step in getattr(record, "steps", ())}
    is_run = isinstance(record, do_sdk.Run)
    return found | {
        "name": record.workflow if is_run else record.action,
        "error": record.error and dataclasses.asdict(record.error),
        "steps": steps if is_run else None,
    }


def raised(error: do_sdk.DoError) -> dict[str, Any]:
    """An error as plain JSON."""
    carried = {
        "type": type(error).__name__,
        "code": error.code,
        "status": error.status,
        "request_id": error.request_id,
        "key": error.key,
    }
    if isinstance(error, do_sdk.Pending):
        carried |= {"handle": error.handle.id, "handle_key": error.handle.key}
    return {"raised": carried}


async def given(call: Callable[..., Any], /, *arguments: Any, **wishes: Any) -> Any:
    """What a method of either client gives."""
    found = call(*arguments, **wishes)
    return await found if inspect.isawaitable(found) else found


async def all_of(events: Any) -> list[do_sdk.Event]:
    """All events of a log that either client follows."""
    return [event async for event in events] if hasattr(events, "__aiter__") else list(events)
