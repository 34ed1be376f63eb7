"""The checks of runs: their cost grows with the rows, whatever plan the database chooses."""

import os

import pytest
from django.db import connection

from tests.workflows.runs.conftest import Stage
from workflows.promises import PROMISES

ELEMENTS = 200
# As where the statistics promise a few steps for each run.
FEW = (
    "SET LOCAL enable_hashjoin = off",
    "SET LOCAL enable_mergejoin = off",
    "SET LOCAL enable_hashagg = off",
    "SET LOCAL enable_sort = off",
)
# Of rows that a check may look at for each row that there is.
MOST_LOOKS = 20


@pytest.fixture
def cloned_database(db) -> str:
    """The worker's own database instead of a clone, which costs a second."""
    return os.environ["DATABASE_URL"]


@pytest.fixture
def large_map(engine):
    """A run with a map of many elements."""
    step = {"map": {"over": str([1] * ELEMENTS), "action": "probe-nothing"}}
    return Stage(engine).start({"all": step})


def looked_at(node):
    """How many rows a plan has gone through, also those that it has dropped."""
    dropped = sum(count for name, count in node.items() if name.startswith("Rows Removed"))
    own = (node["Actual Rows"] + dropped) * node["Actual Loops"]
    return own + sum(map(looked_at, node.get("Plans", ())))


@pytest.mark.parametrize("name", ["one-execution-a-generation", "map-counts-its-elements"])
def test_a_check_of_a_large_run_does_not_compare_all_its_rows_with_one_another(large_map, name):
    promise = next(one for one in PROMISES if one.name == name)
    with connection.cursor() as cursor:
        cursor.execute("; ".join(FEW))
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {promise.statement} LIMIT 20")
        (plan,) = cursor.fetchone()[0]

    assert looked_at(plan["Plan"]) < MOST_LOOKS * ELEMENTS


def test_a_map_that_counts_elements_which_are_not_there_breaks_a_promise(large_map):
    statement = next(one.statement for one in PROMISES if one.name == "map-counts-its-elements")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE workflows_step SET status = 'queued', finished_at = NULL, open_count = 3 "
            "WHERE element IS NULL"
        )
        cursor.execute(statement)
        found = [detail for _, detail in cursor.fetchall()]

    assert found == ["map all counts 3 open elements and has 0"]
