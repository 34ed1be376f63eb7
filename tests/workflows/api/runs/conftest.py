"""Callers who run workflows, on a database with the catalogue and a worker at hand."""

import pytest

from tests.actions.api.conftest import Caller, caller
from tests.workflows.runs.conftest import echo, stage

__all__ = ["caller", "echo", "stage"]

SCOPES = ("workflows:read", "workflows:write", "runs:read", "runs:write")


@pytest.fixture
def api(engine, caller) -> Caller:
    """Somebody who may write workflows and run them."""
    return caller(*SCOPES)
