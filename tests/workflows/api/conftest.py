"""Callers of the API of workflows."""

import pytest

from tests.actions.api.conftest import Caller, caller

__all__ = ["caller"]

READER = ("workflows:read",)
EDITOR = ("workflows:read", "workflows:write")


@pytest.fixture
def api(db, caller) -> Caller:
    """Somebody who may read and write workflows."""
    return caller(*EDITOR)


def put(api: Caller, path: str, body: object, *, seen: str | None = None):
    """PUT with the ETag that was seen."""
    before = dict(api.headers)
    if seen is not None:
        api.headers |= {"If-Match": seen}
    answer = api.send("PUT", path, body)
    api.headers = before
    return answer
