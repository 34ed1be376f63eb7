"""Who is known: keys and sessions, one or the other."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from actions import access
from actions.actors import SYSTEM
from actions.models import ApiKey
from tests.actions.api.conftest import Caller, assert_refused, stored

PASSWORD = "a password of some length"


@pytest.fixture
def operator(db) -> User:
    return access.create_user(username="olga", password=PASSWORD, role="operator", by=SYSTEM)


@pytest.fixture
def signed_in(operator) -> Caller:
    """The operator's browser, which sends the session's cookie and no key."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(operator)
    return Caller(client=client)


def test_a_request_without_credentials_is_refused(catalogue):
    answer = Caller().execute("probe-nothing")

    assert_refused(answer, 401, "unauthenticated", advice="send an API key")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert stored() == (0, 0, 0)


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer ", "Bearer nonsense", f"Bearer as_{'0' * 12}_{'x' * 43}", "Basic YTpi", ""],
)
def test_a_wrong_credential_is_refused(catalogue, header):
    caller = Caller()
    caller.headers = {"Authorization": header}

    answer = caller.execute("probe-nothing")

    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert stored() == (0, 0, 0)


@pytest.mark.parametrize("column", ["revoked_at", "expires_at"])
def test_a_key_that_counts_no_longer_is_refused(quick_api, column):
    ApiKey.objects.update(**{column: timezone.now()})

    answer = quick_api.execute("probe-nothing")

    assert_refused(answer, 401, "unauthenticated", advice="revoked or expired")


def test_the_scheme_is_read_whatever_its_case(quick_api):
    quick_api.headers = {"Authorization": f"bearer {quick_api.key}"}

    assert quick_api.execute("probe-nothing").status_code == 202


def test_what_a_key_does_is_recorded_under_its_name(catalogue, caller):
    answer = caller(name="the shop").execute("probe-nothing")

    assert answer.json()["actor"]["type"] == "api_key"
    assert answer.json()["actor"]["label"] == "the shop"


def test_a_person_may_read_in_a_browser(catalogue, signed_in):
    assert signed_in.get("/actions/probe-nothing").status_code == 200


def test_a_person_may_not_write_without_the_token_of_the_page(catalogue, signed_in):
    answer = signed_in.execute("probe-nothing")

    assert_refused(answer, 403, "csrf-refused", advice="reload the page")
    assert stored() == (0, 0, 0)


def test_a_person_may_write_with_the_token_of_the_page(catalogue, signed_in):
    token = "t" * 32
    signed_in.client.cookies["csrftoken"] = token

    answer = signed_in.post(
        "/actions/probe-nothing/executions?wait=0", headers={"X-CSRFToken": token}
    )

    assert answer.status_code == 202
    assert answer.json()["actor"]["label"] == "olga"


def test_a_persons_form_is_refused_as_any_other(catalogue, signed_in):
    token = "t" * 32
    signed_in.client.cookies["csrftoken"] = token

    answer = signed_in.client.post(
        "/api/v1/actions/probe-nothing/executions", {"csrfmiddlewaretoken": token}
    )

    assert_refused(answer, 415, "unsupported-media-type", advice="send JSON")


def test_a_wrong_key_is_not_saved_by_a_session(catalogue, signed_in):
    answer = signed_in.get("/actions", headers={"Authorization": "Bearer nonsense"})

    assert answer.status_code == 401


def test_a_person_who_has_been_shut_out_is_not_known(catalogue, signed_in, operator):
    User.objects.filter(pk=operator.pk).update(is_active=False)

    assert signed_in.get("/actions").status_code == 401


@pytest.mark.parametrize(
    ("header", "trace_id"),
    [
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "4bf92f35"),
        ("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-later", "4bf92f35"),
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-extra", None),
        ("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", None),
        ("00-00000000000000000000000000000000-00f067aa0ba902b7-01", None),
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", None),
        ("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", None),
        ("nonsense", None),
    ],
)
def test_a_trace_is_taken_in_if_it_is_valid_and_ignored_otherwise(quick_api, header, trace_id):
    answer = quick_api.post(
        "/actions/probe-nothing/executions?wait=0", headers={"traceparent": header}
    )

    found = answer.json()["trace_id"]
    assert (found and found[:8]) == trace_id
