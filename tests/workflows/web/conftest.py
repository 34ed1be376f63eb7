"""Runs on the engine of the test's own process, in a database that rolls back."""

import os

import pytest

from tests.fixtures.engine import Engine
from tests.workflows.runs.conftest import Stage


@pytest.fixture
def cloned_database(db) -> str:
    """The worker's own database instead of a clone, which costs a second."""
    return os.environ["DATABASE_URL"]


@pytest.fixture
def stage(engine: Engine) -> Stage:
    """Workflows and runs on the test's engine."""
    return Stage(engine)
