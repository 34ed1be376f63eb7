"""Calls that wait must hold no thread, so no middleware may be sync only."""

import pytest
from django.conf import settings
from django.utils.module_loading import import_string


@pytest.mark.parametrize("path", settings.MIDDLEWARE)
def test_every_middleware_can_run_both_ways(path):
    middleware = import_string(path)

    assert middleware.async_capable, f"{path} would pin a thread for each waiting call"
    assert middleware.sync_capable
