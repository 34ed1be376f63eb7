"""A minute of everything at once; tests/faults/storm.py runs longer ones."""

import sys

import pytest

from tests.faults.storm import storm

SEED = 20_260


@pytest.mark.long
@pytest.mark.timeout(400)
def test_a_minute_of_everything_at_once_keeps_every_promise(own_cluster, data_dir):
    sys.stdout.write(f"seed {SEED}\n")

    figures = storm(data_dir, own_cluster, seconds=60, seed=SEED)

    sys.stdout.write(figures.text())
    assert figures.submitted > 500
    assert sum(figures.strikes.values()) > 10
    assert sum(figures.restarts.values()) >= 1
    assert figures.recovery_max < 30
