"""Without a safeguard its test fails; otherwise the test would be worth nothing."""

import pytest

from tests.faults.mutations import MUTATIONS, copy_repository, mutate, run_tests

SOME_FAILED = 1  # pytest's exit code when tests ran and some failed


@pytest.mark.long
@pytest.mark.timeout(400)
@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.safeguard)
def test_without_the_safeguard_every_test_of_it_fails(tmp_path, mutation):
    copy_repository(tmp_path)
    mutate(tmp_path, mutation)

    outcome = run_tests(tmp_path, mutation)

    told = outcome.stdout[-5000:] + outcome.stderr[-2000:]
    assert outcome.returncode == SOME_FAILED, told
    assert f"{len(mutation.tests)} failed" in outcome.stdout, told
    assert " error" not in outcome.stdout.splitlines()[-1], told


def test_a_safeguard_that_is_not_where_the_table_says_is_noticed(tmp_path):
    for mutation in MUTATIONS:
        for name, _, _ in mutation.edits:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text("moved elsewhere")
        with pytest.raises(LookupError, match="bring MUTATIONS up to date"):
            mutate(tmp_path, mutation)
