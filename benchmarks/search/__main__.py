"""The list of executions at a million rows: `python -m benchmarks.search --rows 1000000`.

Prints one JSON line for each figure on stdout: for every question the time of a page of the list,
of the counts beside it, and of the whole answer of the API and of the page, which also render. Then
what an execution costs to insert, to claim and to settle with and without the indexes of the search.
"""

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from secrets import token_urlsafe
from urllib.parse import urlencode

from benchmarks.figures import emit_latencies, progress, timed
from benchmarks.ours import installation
from benchmarks.postgres import throwaway_server
from benchmarks.search.filling import fill
from benchmarks.search.questions import QUESTIONS, Query
from benchmarks.search.upkeep import measure_upkeep

OK = 200


def main() -> None:
    """Fill a database of its own, and ask it."""
    asked = _arguments()
    with _database() as url:
        fill(url, rows=asked.rows)
        visitor = _visitor()
        for name in asked.only or QUESTIONS:
            _measure(name, QUESTIONS[name], visitor=visitor, rounds=asked.rounds)
        if not asked.only:
            _measure_deep_page(asked.rows, rounds=asked.rounds)
            measure_upkeep(url)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=50, help="how often each question is put")
    parser.add_argument("--only", nargs="+", choices=QUESTIONS, help="these questions alone")
    return parser.parse_args()


@contextmanager
def _database() -> Iterator[str]:
    """A migrated database on a server of its own, to which Django is set up."""
    with throwaway_server() as server:
        progress(f"PostgreSQL {server.settings}")
        with installation.installed(server.create_database("search")) as env:
            installation.run_manage("collectstatic", "--no-input", "--verbosity", "0", env=env)
            yield env["DATABASE_URL"]


def _visitor() -> Callable[[str], None]:
    """How a signed-in viewer gets an address, without a network in between."""
    from django.test import Client  # noqa: PLC0415 - after the set-up

    from actions import access  # noqa: PLC0415 - after the set-up
    from actions.actors import SYSTEM  # noqa: PLC0415 - after the set-up

    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(
        access.create_user(username="bench", password=token_urlsafe(), role="viewer", by=SYSTEM)
    )

    def visit(address: str) -> None:
        status = client.get(address).status_code
        if status != OK:
            raise RuntimeError(f"{address} was answered {status}.")

    return visit


def _measure(name: str, query: Query, *, visitor: Callable[[str], None], rounds: int) -> None:
    from actions.filters import ExecutionFilters  # noqa: PLC0415 - after the set-up
    from actions.models import Execution  # noqa: PLC0415 - after the set-up

    filters = ExecutionFilters.parse({key: [text] for key, text in query.items()})
    rows = Execution.objects.with_version()
    progress(f"{name}: {len(rows.page(filters, limit=51))} rows on the page")
    text = urlencode(query)
    calls: dict[str, Callable[[], object]] = {
        "rows": lambda: rows.page(filters, limit=51),
        "counts": lambda: rows.tally(filters),
        "api": lambda: visitor(f"/api/v1/executions?{text}"),
        "page": lambda: visitor(f"/executions?{text}"),
    }
    for part, call in calls.items():
        timed(call)
        emit_latencies(f"search.{name}.{part}", [timed(call) for _ in range(rounds)])


def _measure_deep_page(rows: int, *, rounds: int) -> None:
    from actions.filters import ExecutionFilters  # noqa: PLC0415 - after the set-up
    from actions.models import Execution  # noqa: PLC0415 - after the set-up

    middle = Execution.objects.order_by("id").values_list("id", flat=True)[rows // 2]
    failed = ExecutionFilters.parse({"status": ["failed"]})
    for name, filters in (("everything", ExecutionFilters()), ("failed", failed)):
        call = partial(Execution.objects.page, filters, limit=51, before=middle)
        emit_latencies(f"search.deep.{name}", [timed(call) for _ in range(rounds)])


if __name__ == "__main__":
    main()
