"""Static files are served beside Django: compressed, cached for ever when named by their hash."""

import asyncio
import re

import httpx2
import pytest

from actionsite.static_files import StaticFiles

HASHED = "/static/css/page.0123456789ab.css"
CONTENT = b"body { color: black }" * 50


@pytest.fixture
def ask(tmp_path):
    """Ask the application for a path; returns status, headers and body."""
    (tmp_path / "css").mkdir()
    for name in ("page.css", "page.0123456789ab.css"):
        (tmp_path / "css" / name).write_bytes(CONTENT)
    (tmp_path / "css" / "page.css.gz").write_bytes(b"gzipped")

    async def django(scope, receive, send):
        await send({"type": "http.response.start", "status": 299, "headers": []})
        await send({"type": "http.response.body", "body": b"from Django"})

    application = StaticFiles(django, root=tmp_path, prefix="/static/")

    def call(path, *, method="GET", **headers):
        sent = []

        async def send(event):
            sent.append(event)

        named = [(name.replace("_", "-").encode(), text.encode()) for name, text in headers.items()]
        scope = {"type": "http", "path": path, "method": method, "headers": named}
        asyncio.run(application(scope, None, send))
        start, body = sent
        return start["status"], {k.decode(): v.decode() for k, v in start["headers"]}, body["body"]

    return call


def test_a_file_named_by_its_hash_is_kept_for_ever(ask):
    status, headers, body = ask(HASHED)

    assert (status, body) == (200, CONTENT)
    assert "immutable" in headers["cache-control"]
    assert headers["x-content-type-options"] == "nosniff"
    assert "access-control-allow-origin" not in headers


def test_another_file_is_asked_for_again(ask):
    _, headers, _ = ask("/static/css/page.css")

    assert headers["cache-control"] == "max-age=3600, public"


def test_who_takes_gzip_gets_it(ask):
    _, headers, body = ask("/static/css/page.css", accept_encoding="br, gzip")

    assert (headers["content-encoding"], body) == ("gzip", b"gzipped")


def test_who_has_it_already_gets_nothing_anew(ask):
    _, headers, _ = ask(HASHED)

    status, _, body = ask(HASHED, if_none_match=headers["etag"])

    assert (status, body) == (304, b"")


def test_a_head_request_gets_no_body(ask):
    status, headers, body = ask(HASHED, method="HEAD")

    assert (status, headers["content-length"], body) == (200, str(len(CONTENT)), b"")


def test_a_file_cannot_be_written_to(ask):
    assert ask(HASHED, method="POST")[0] == 405


@pytest.mark.parametrize("path", ["/static/none.css", "/static/../settings.py", "/", "/static/"])
def test_all_else_is_for_django(ask, path):
    assert ask(path)[0] == 299


def test_a_real_page_links_to_files_that_the_server_has(web_server):
    url = web_server().url
    page = httpx2.get(f"{url}/login").text

    links = re.findall(r'(?:href|src)="(/static/[^"#]+)', page)

    assert links
    assert {
        link: "immutable" in httpx2.get(url + link).headers["cache-control"] for link in links
    } == (dict.fromkeys(links, True))
