"""What browsers are told with every answer."""

import asyncio

import pytest

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


@pytest.mark.parametrize("path", ["/login", "/api/problems/internal", "/api/v1/nothing", "/livez"])
def test_the_content_policy_allows_only_ourselves(client, db, path):
    assert client.get(path).headers["Content-Security-Policy"] == POLICY


def test_pages_may_not_be_framed_sniffed_or_traced(client, db):
    headers = client.get("/login").headers

    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]


def test_the_policy_is_there_under_asgi_too(async_client):
    response = asyncio.run(async_client.get("/livez"))

    assert response.headers["Content-Security-Policy"] == POLICY
