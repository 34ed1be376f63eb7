"""Of several things that are wrong, which one is told: the order of the checks is a promise."""

import pytest
from django.test import override_settings

from actions.api import throttling
from actions.api.rates import Rates
from tests.actions.api.conftest import Caller, stored

KNOWN, UNKNOWN = "/actions/probe-mark/executions?wait=0", "/actions/missing/executions?wait=0"
NO_KEY = {"Idempotency-Key": ""}


@pytest.fixture
def reader(catalogue, caller) -> Caller:
    """Somebody who may not execute."""
    return caller("actions:read")


def code_of(answer) -> str:
    return answer.json()["code"]


def test_who_it_is_comes_before_what_was_sent(catalogue):
    assert code_of(Caller().post(UNKNOWN, b"no json", headers=NO_KEY)) == "unauthenticated"


def test_how_often_comes_before_what_was_sent(quick_api, monkeypatch):
    monkeypatch.setattr(throttling, "_RATES", Rates())

    with override_settings(ACTIONSITE_RATE_LIMIT=1):
        quick_api.get("/actions")
        answer = quick_api.post(UNKNOWN, b"no json", headers=NO_KEY)

    assert code_of(answer) == "quota-exceeded"


def test_the_body_comes_before_the_key(reader):
    assert code_of(reader.post(UNKNOWN, b"no json", headers=NO_KEY)) == "malformed-json"


def test_the_key_comes_before_the_permission_and_the_action(reader):
    assert code_of(reader.post(UNKNOWN, headers=NO_KEY)) == "idempotency-key-invalid"


def test_the_permission_comes_before_the_action(reader):
    assert code_of(reader.post(UNKNOWN)) == "insufficient-scope"


def test_the_action_comes_before_the_params(quick_api):
    assert code_of(quick_api.post(UNKNOWN, {"params": {"nam": 1}})) == "action-not-found"


def test_other_params_come_before_a_conflict(quick_api):
    quick_api.execute("probe-mark", key="k-1", params={"name": "one"})

    answer = quick_api.execute("probe-mark", key="k-1", params={"name": "2"}, on_conflict="fail")

    assert code_of(answer) == "idempotency-key-reused"


def test_a_known_key_comes_before_the_schema(quick_api):
    quick_api.execute("probe-mark", key="k-1", params={"name": "one"})

    assert code_of(quick_api.execute("probe-mark", key="k-1")) == "idempotency-key-reused"


def test_the_schema_comes_before_the_claim_of_a_key(quick_api):
    assert code_of(quick_api.execute("probe-mark", key="k-1")) == "params-invalid"
    assert stored() == (0, 0, 0)
