"""The tests of the pages roll back: nothing here needs another process to see what is committed."""

import os

import pytest


@pytest.fixture
def cloned_database(db) -> str:
    """The worker's own database instead of a clone, which costs a second."""
    return os.environ["DATABASE_URL"]
