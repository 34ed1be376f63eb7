"""Whatever goes wrong under /api/ is answered by a problem document."""

import asyncio

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import OperationalError
from django.http import (
    Http404,
    HttpResponseForbidden,
    HttpResponseNotAllowed,
    HttpResponseServerError,
)
from django.test import Client, override_settings
from django.urls import path

from actionsite.problems.catalogue import KINDS

SECRET = "hunter2"


def raising(error):
    def view(request):
        raise error

    return view


urlpatterns = [
    path("api/404", raising(Http404(SECRET))),
    path("api/403", raising(PermissionDenied(SECRET))),
    path("api/400", raising(SuspiciousOperation(SECRET))),
    path("api/500", raising(ZeroDivisionError(SECRET))),
    path("api/database", raising(OperationalError(SECRET))),
    path("api/plain-403", lambda _: HttpResponseForbidden(SECRET)),
    path("api/plain-405", lambda _: HttpResponseNotAllowed(["GET", "HEAD"])),
    path("api/plain-502", lambda _: HttpResponseServerError(SECRET, status=502)),
]
handler400 = "actionsite.problems.handlers.bad_request"
handler403 = "actionsite.problems.handlers.permission_denied"
handler404 = "actionsite.problems.handlers.page_not_found"
handler500 = "actionsite.problems.handlers.server_error"


@pytest.fixture
def caller():
    with override_settings(ROOT_URLCONF=__name__):
        yield Client(raise_request_exception=False)


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("/api/404", 404, "not-found"),
        ("/api/no-such-address", 404, "not-found"),
        ("/api/403", 403, "insufficient-scope"),
        ("/api/400", 400, "malformed-request"),
        ("/api/500", 500, "internal"),
        ("/api/plain-403", 403, "insufficient-scope"),
        ("/api/plain-405", 405, "method-not-allowed"),
        ("/api/plain-502", 500, "internal"),
    ],
)
def test_an_error_of_django_becomes_a_problem(caller, address, status, code):
    response = caller.get(address, headers={"X-Request-Id": "mine"})

    document = response.json()
    assert response.status_code == document["status"] == status
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Error-Source"] == "api"
    assert document["code"] == code
    assert document["type"] == f"http://testserver/api/problems/{code}"
    assert document["title"] == KINDS[code].title
    assert document["instance"] == address
    assert document["request_id"] == response.headers["X-Request-Id"] == "mine"
    assert document["retriable"] is False
    assert document["errors"] == []
    assert SECRET not in response.text


def test_what_is_allowed_is_still_said(caller):
    assert caller.get("/api/plain-405").headers["Allow"] == "GET, HEAD"


def test_a_database_that_does_not_answer_is_worth_a_retry(caller):
    response = caller.get("/api/database")

    assert (response.status_code, response.json()["code"]) == (503, "not-accepting")
    assert response.headers["Retry-After"] == "1"
    assert SECRET not in response.text


def test_pages_stay_pages(client, db):
    response = client.get("/no/such/page")

    assert response.status_code == 404
    assert response.headers["Content-Type"].startswith("text/html")


def test_a_foreign_host_is_refused(caller):
    response = caller.get("/api/404", headers={"Host": "evil.example"})

    assert (response.status_code, response.json()["code"]) == (400, "host-not-allowed")


def test_a_missing_csrf_token_is_named(db):
    response = Client(enforce_csrf_checks=True).post("/api/problems/internal")

    assert (response.status_code, response.json()["code"]) == (403, "csrf-refused")


def test_errors_become_problems_under_asgi_too(async_client):
    response = asyncio.run(async_client.get("/api/no-such-address"))

    assert (response.status_code, response.json()["code"]) == (404, "not-found")
