"""Take one safeguard out of a copy of the repository, and run the tests that stand on it."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.fixtures import installation

# What the session has set for itself; the copy's session sets its own.
OURS = ("ACTIONSITE_", "DATABASE_", "PYTEST_", "DJANGO_", "ENGINE_")
REAPING = "../actions/executions/test_reap.py"


@dataclass(frozen=True, kw_only=True, slots=True)
class Mutation:
    """One safeguard: where it stands, what it is replaced with, and the tests that then fail."""

    safeguard: str
    edits: tuple[tuple[str, str, str], ...]  # file, text, replacement
    tests: tuple[str, ...]


MUTATIONS = (
    Mutation(
        safeguard="the fence in settle",
        edits=(
            (
                "actions/executions/settle.py",
                "AND execution.attempt_count = ended.attempt AND execution.worker_id = %(worker)s",
                "",
            ),
        ),
        tests=("test_late.py::test_a_late_worker_does_not_settle_the_attempt_of_another",),
    ),
    Mutation(
        safeguard="the lock in the claim",
        edits=(("actions/executions/turns.py", "::int FOR UPDATE SKIP LOCKED", "::int"),),
        tests=("test_herds.py::test_two_workers_side_by_side_never_claim_the_same",),
    ),
    Mutation(
        safeguard="the claim that is durable before an external body",
        edits=(
            (
                "actions/executions/perform.py",
                '    group = _claim(bench)\n    if group:\n        faults.reach("claim.after-commit")',
                (
                    "    with transaction.atomic():\n"
                    "        group = _claim(bench)\n"
                    "        for one in group:\n"
                    "            if bench.effect_of(one) == Effect.EXTERNAL:\n"
                    "                bench.decided[one.id] = run_outside(one, bench=bench)\n"
                    "        if group:\n"
                    '            faults.reach("claim.after-commit")'
                ),
            ),
            (
                "actions/executions/perform.py",
                "ending, rest = run_outside(group[0], bench=bench), list(group[1:])",
                (
                    "ending, rest = bench.decided.pop(group[0].id, None) or "
                    "run_outside(group[0], bench=bench), list(group[1:])"
                ),
            ),
        ),
        tests=(
            (
                "test_points.py::test_a_call_that_may_not_be_repeated_is_made_at_most_once"
                "[claim.after-commit]"
            ),
        ),
    ),
    Mutation(
        safeguard="the fence around what is given back",
        edits=(
            (
                "actions/executions/unbegun.py",
                "WHERE id = ANY(%(ids)s) AND status = 'running' AND worker_id = %(worker)s",
                "WHERE id = ANY(%(ids)s) AND status = 'running'",
            ),
        ),
        tests=(f"{REAPING}::test_a_late_worker_gives_back_nothing_that_another_has_claimed",),
    ),
    Mutation(
        safeguard="the claim by those alone who are alive",
        edits=(
            (
                "actions/executions/claim.py",
                "WHERE id = %(worker)s AND state = 'alive'",
                "WHERE id = %(worker)s",
            ),
        ),
        tests=(f"{REAPING}::test_a_worker_whose_row_says_that_it_is_dead_claims_nothing",),
    ),
    Mutation(
        safeguard="the passing over of workers that another reaps",
        edits=(("actions/executions/reap.py", "    FOR UPDATE SKIP LOCKED\n", "    FOR UPDATE\n"),),
        tests=(f"{REAPING}::test_who_reaps_passes_over_workers_that_another_reaps",),
    ),
    Mutation(
        safeguard="the constraints that are checked before a savepoint's release",
        edits=(
            (
                "actions/executions/savepoints.py",
                "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED; ",
                "",
            ),
        ),
        tests=(
            (
                "../actions/executions/test_perform.py"
                "::test_a_member_that_breaks_a_deferred_constraint_harms_no_neighbour"
            ),
        ),
    ),
)


def copy_repository(place: Path) -> None:
    """Copy what git knows or would know, as it stands now."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"],
        cwd=installation.ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    for name in filter(None, listed.split("\0")):
        original = installation.ROOT / name
        if original.is_file():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(original, place / name)


def mutate(place: Path, mutation: Mutation) -> None:
    """Change the copy; a text that is not there exactly once means that this table is out of date."""
    for name, text, replacement in mutation.edits:
        path = place / name
        whole = path.read_text()
        found = whole.count(text)
        if found != 1:
            raise LookupError(f"{name} has {text!r} {found} times; bring MUTATIONS up to date.")
        path.write_text(whole.replace(text, replacement))


def run_tests(place: Path, mutation: Mutation) -> subprocess.CompletedProcess[str]:
    """Run the tests of a mutation in the copy."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    env["PYTHONPATH"] = str(place)
    tests = [os.path.normpath(f"tests/faults/{test}") for test in mutation.tests]
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-n0", "-q", "-p", "no:cacheprovider", *tests],
        cwd=place,
        env=env,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
