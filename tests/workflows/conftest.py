"""What the tests of real workers share."""

import pytest

from actions import definitions


@pytest.fixture
def catalogue(cloned_database) -> None:
    """A database with the catalogue in it."""
    definitions.sync()
