"""Executions and runs: where each kind is, and how an answer with one is read. Floor: core, pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from do_sdk import answers
from do_sdk.records import Execution, Page, Record, Run
from do_sdk.wire import Answer, Request

Kept = TypeVar("Kept", bound=Record)


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind(Generic[Kept]):
    """One kind of record; `make` reads the body of one, or raises KeyError, TypeError, …

    `begun_at` is the address that begins one by a name, `path` that of all of them. Without a
    stream a log is read page by page.
    """

    object: str
    path: str
    begun_at: str
    make: Callable[[Mapping[str, Any], str | None], Kept]
    has_stream: bool

    def read(self, answer: Answer, request: Request) -> Kept:
        """The one that was asked for; raises what else the answer is."""
        return answers.record(answer, request, kind=self.object, make=self.make)

    def read_page(self, answer: Answer, _request: Request) -> Page[Kept]:
        """A page of them."""
        return answers.page(answer, make=lambda body: self.make(body, answer.request_id))


EXECUTIONS: Kind[Execution] = Kind(
    object="execution",
    path="/executions",
    begun_at="/actions/{}/executions",
    make=answers.execution_of,
    has_stream=True,
)
RUNS: Kind[Run] = Kind(
    object="run",
    path="/runs",
    begun_at="/workflows/{}/runs",
    make=answers.run_of,
    has_stream=False,
)
