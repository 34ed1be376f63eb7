"""What the REST framework and our own rooms raise, as problems."""

import pytest
from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError
from django.test import RequestFactory
from rest_framework import exceptions as rest
from rest_framework import serializers

from actions import errors
from actionsite.problems.catalogue import KINDS
from actionsite.problems.exceptions import problem_of


def refusals(kind=errors.Refusal):
    for child in kind.__subclasses__():
        yield child
        yield from refusals(child)


@pytest.fixture
def request_():
    return RequestFactory().post("/api/v1/actions/x/executions")


@pytest.mark.parametrize("refusal", sorted(refusals(), key=lambda kind: kind.code))
def test_every_refusal_has_its_kind_and_agrees_about_retrying(request_, refusal):
    import json

    error = refusal("Do this.", errors=[errors.FieldProblem(pointer="/a", code="c", detail="d")])

    response = problem_of(error, request_)

    document = json.loads(response.content)
    assert document["code"] == refusal.code
    assert document["retriable"] is refusal.retriable
    assert document["detail"] == "Do this."
    assert document["errors"] == [{"pointer": "/a", "code": "c", "detail": "d"}]
    assert ("Retry-After" in response.headers) is refusal.retriable


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (rest.NotAuthenticated(), "unauthenticated"),
        (rest.AuthenticationFailed(), "unauthenticated"),
        (rest.PermissionDenied(), "insufficient-scope"),
        (rest.PermissionDenied("CSRF Failed: CSRF token missing."), "csrf-refused"),
        (rest.NotFound(), "not-found"),
        (rest.MethodNotAllowed("PUT"), "method-not-allowed"),
        (rest.NotAcceptable(), "not-acceptable"),
        (rest.UnsupportedMediaType("text/plain"), "unsupported-media-type"),
        (rest.Throttled(wait=1.2), "quota-exceeded"),
        (rest.ParseError(), "malformed-json"),
        (rest.ValidationError("no"), "malformed-request"),
        (RequestDataTooBig("hunter2"), "payload-too-large"),
        (OperationalError("hunter2"), "not-accepting"),
    ],
)
def test_an_exception_of_the_framework_has_its_kind(request_, error, code):
    response = problem_of(error, request_)

    assert response.status_code == KINDS[code].status
    assert f'"code": "{code}"' in response.text
    assert "hunter2" not in response.text


def test_a_fault_of_ours_is_left_to_be_logged(request_):
    assert problem_of(ZeroDivisionError(), request_) is None


def test_a_caller_who_is_not_known_is_told_the_way_in(request_):
    response = problem_of(rest.NotAuthenticated(), request_)

    assert response.headers["WWW-Authenticate"] == "Bearer"


def test_a_caller_who_is_too_fast_is_told_when_to_come_back(request_):
    assert problem_of(rest.Throttled(wait=1.2), request_).headers["Retry-After"] == "2"


def test_each_wrong_field_has_a_pointer(request_):
    class Inner(serializers.Serializer):
        number = serializers.IntegerField()

    class Outer(serializers.Serializer):
        inner = Inner(many=True)
        name = serializers.CharField()

    outer = Outer(data={"inner": [{"number": 1}, {"number": "x"}]})
    with pytest.raises(rest.ValidationError) as wrong:
        outer.is_valid(raise_exception=True)

    response = problem_of(wrong.value, request_)

    assert '"pointer": "/inner/1/number", "code": "invalid"' in response.text
    assert '"pointer": "/name", "code": "required"' in response.text
