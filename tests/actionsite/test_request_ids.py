"""Every request has a name, and every answer says it."""

import asyncio

import pytest

from actions import ids


def test_a_sane_id_of_the_caller_is_kept(client):
    response = client.get("/livez", headers={"X-Request-Id": "trace-7:a/b.c"})

    assert response.headers["X-Request-Id"] == "trace-7:a/b.c"


@pytest.mark.parametrize("sent", ["", " ", "-a", "a b", "a" * 101, "é", "<script>", 'a"b', "a,b"])
def test_any_other_id_is_replaced(client, sent):
    response = client.get("/livez", headers={"X-Request-Id": sent})

    assert ids.parse(ids.PREFIX_REQUEST, response.headers["X-Request-Id"]).version == 7


def test_two_requests_have_two_names(client):
    first, second = (client.get("/livez").headers["X-Request-Id"] for _ in range(2))

    assert first != second


def test_the_id_is_echoed_under_asgi_too(async_client):
    response = asyncio.run(async_client.get("/livez", headers={"X-Request-Id": "mine"}))

    assert response.headers["X-Request-Id"] == "mine"


@pytest.mark.parametrize("sent", ["do-1", "trace-7:a/b.c"])
def test_a_client_s_own_name_for_a_request_only_comes_back(client, sent):
    response = client.get("/livez", headers={"X-Client-Request-Id": sent})

    assert response.headers["X-Client-Request-Id"] == sent
    assert ids.parse(ids.PREFIX_REQUEST, response.headers["X-Request-Id"]).version == 7


@pytest.mark.parametrize("sent", ["", "a b", "<script>", "a" * 101])
def test_what_is_no_name_does_not_come_back(client, sent):
    response = client.get("/livez", headers={"X-Client-Request-Id": sent})

    assert "X-Client-Request-Id" not in response.headers
