"""Redirects: off by default, and each hop is looked at like the first."""

import asyncio

import pytest

from actions import declarative
from actions.errors import Final, Uncertain
from actions.executor.http import Outside, call_http
from tests.actions.executor import servers
from tests.actions.executor.servers import answer, answering, json_answer

SECRET = {"$secret": "token"}


def redirected(location: str, *, status: int = 302, hops: int = 3, is_listed: bool = True, **more):
    """Ask one server that redirects to another; `OTHER` in the location is that one's port."""

    async def run():
        async with answering(json_answer(200, '{"at": "other"}')) as other:
            to = f"Location: {location.replace('OTHER', str(other.port))}"
            async with answering(answer(status, b"", to), json_answer(200, '"first"')) as first:
                document = {
                    "kind": "http",
                    "method": "GET",
                    "url": f"http://127.0.0.1:{first.port}/a",
                    "follow_redirects": hops,
                    "headers": {"X-Api-Key": SECRET, "Authorization": SECRET, "Cookie": "a=b"},
                    "returns": "${{ response.body }}",
                }
                listed = (first, other) if is_listed else (first,)
                result = await call_http(
                    declarative.parse(document | more),
                    params={},
                    context=servers.context({"token": "t0p-s3cret"}),
                    outside=Outside(guard=servers.guard_for(*listed)),
                )
                return result, first, other

    return asyncio.run(run())


def test_a_redirect_is_an_answer_like_others_unless_it_is_to_be_followed():
    with pytest.raises(Final) as refusal:
        redirected("/b", hops=0)

    assert refusal.value.code == "http_status_302"


def test_a_redirect_within_a_host_keeps_its_headers():
    result, first, _ = redirected("/b")

    assert result == "first"
    assert first.last.startswith(b"GET /b ")
    assert b"t0p-s3cret" in first.last


def test_another_host_is_told_no_secret():
    result, _, other = redirected("http://127.0.0.1:OTHER/b")

    assert result == {"at": "other"}
    assert b"t0p-s3cret" not in other.last
    assert b"cookie" not in other.last.lower()


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1:OTHER/",
        "http://localhost:OTHER/",
        "http://2130706433:OTHER/",
        "http://[::ffff:7f00:1]:OTHER/",
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1/",
        "http://[::1]/",
        "http://0/",
        "//127.0.0.2/",
        "https://168.63.129.16/",
    ],
)
def test_a_redirect_to_where_one_may_not_go_is_refused(location):
    with pytest.raises(Uncertain) as refusal:
        redirected(location, is_listed=False)

    assert refusal.value.code == "egress_refused"
    assert not refusal.value.may_help


@pytest.mark.parametrize(
    "location", ["ftp://127.0.0.1/", "file:///etc/passwd", "gopher://127.0.0.1/", "http://a b/"]
)
def test_a_redirect_to_something_else_is_refused(location):
    with pytest.raises(Uncertain):
        redirected(location)


def test_a_redirect_with_a_name_in_it_is_refused():
    with pytest.raises(Uncertain) as refusal:
        redirected("http://user:pass@127.0.0.1:OTHER/")

    assert refusal.value.code == "redirect_refused"


def test_a_body_is_not_sent_to_another_host():
    with pytest.raises(Uncertain) as refusal:
        redirected("http://127.0.0.1:OTHER/", status=307, method="POST", body={"a": SECRET})

    assert refusal.value.code == "redirect_refused"


def test_a_circle_ends():
    with pytest.raises(Final) as refusal:
        asyncio.run(circle())

    assert refusal.value.code == "http_status_302"


async def circle():
    async with answering(answer(302, b"", "Location: /again")) as server:
        document = {"kind": "http", "method": "GET", "url": f"http://127.0.0.1:{server.port}/"}
        try:
            await call_http(
                declarative.parse(document | {"follow_redirects": 3}),
                params={},
                context=servers.context(),
                outside=Outside(guard=servers.guard_for(server)),
            )
        finally:
            assert len(server.requests) == 4
