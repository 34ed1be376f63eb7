"""Whole paths in a real browser, Debian's Chromium, against real processes.

Every page fails its test on a script's error, a breach of the content security policy, an answer
of 400 or above that was not expected, and a request to anywhere else.
"""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser, Page, expect, sync_playwright

from actions import access, definitions
from actions.actors import SYSTEM
from tests.fixtures.demo import demo_of, free_demo_ports
from tests.fixtures.running import Running

PASSWORD = "correct-horse-battery"
WIDE, PHONE = {"width": 1280, "height": 800}, {"width": 375, "height": 812}
SECONDS = 1_000
ASYNC_UNSAFE = "DJANGO_ALLOW_ASYNC_UNSAFE"

expect.set_options(timeout=20 * SECONDS)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args) -> dict[str, object]:
    """Debian's Chromium; in a container as root it cannot have its own sandbox."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    assert path, "There is no chromium; run `make chromium`."
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {**browser_type_launch_args, "executable_path": path, "args": sandbox}


@pytest.fixture(scope="module")
def browser(browser_type_launch_args) -> Iterator[Browser]:
    """A browser for one module, where pytest-playwright would keep one to the session's end.

    Its event loop runs in this thread as long as it lives, and other tests run loops of their own.
    """
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(**browser_type_launch_args)


@pytest.fixture(scope="module", autouse=True)
def database_beside_a_browser() -> Iterator[None]:
    """Django would refuse to touch rows beside the browser's event loop.

    The processes under test keep the check.
    """
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv(ASYNC_UNSAFE, "true")
        yield


@dataclass(kw_only=True)
class Site:
    """A running site and the people who may sign in."""

    url: str
    worker: Running | None = None
    # Answers of 400 and above that the test is about.
    allowed: set[int] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    @property
    def questions(self) -> list[str]:
        """What was asked of the record; the browser fetches its icon whenever it pleases."""
        return [url for url in self.requests if "/static/" not in url]

    def watch(self, page: Page) -> Page:
        """Collect what a page may not do."""
        page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        page.on("console", self._hear)
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("response", self._look)
        return page

    def _hear(self, message) -> None:
        # A 4xx answer is also told on the console; `_look` judges it.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.complaints.append(f"console: {message.text}")

    def _look(self, response) -> None:
        if response.status >= 400 and response.status not in self.allowed:
            self.complaints.append(f"{response.status} {response.url}")


@pytest.fixture
def site(cloned_database, web_server, qcluster) -> Iterator[Site]:
    """A web server and a worker on the test's own database."""
    definitions.sync()
    checked = {ASYNC_UNSAFE: ""}
    running = Site(url=web_server(env=checked).url, worker=qcluster(env=checked))
    yield running
    assert running.complaints == []
    assert [url for url in running.requests if not url.startswith(running.url)] == []


@pytest.fixture
def open_page(browser: Browser, site: Site) -> Iterator[Callable[..., Page]]:
    """Open a browser of one's own in which somebody with a role is signed in."""
    contexts = []

    def begin(role: str = "operator", *, size: dict | None = None, theme: str = "light") -> Page:
        size = size or WIDE
        context = browser.new_context(
            base_url=site.url, viewport=size, color_scheme=theme, reduced_motion="reduce"
        )
        contexts.append(context)
        page = site.watch(context.new_page())
        sign_in(page, someone(role))
        return page

    yield begin
    for context in contexts:
        context.close()


@pytest.fixture
def demo_ports() -> dict[str, str]:
    """Where the demo's services listen, as its environment says it."""
    return free_demo_ports()


@pytest.fixture
def demo(start, demo_ports) -> Iterator[Running]:
    """A demo of one's own in an empty data directory, with its own ports."""
    with demo_of(start, ports=demo_ports) as running:
        yield running


def someone(role: str) -> str:
    """The name of somebody with that role."""
    name = f"the-{role}"
    if not User.objects.filter(username=name).exists():
        access.create_user(username=name, password=PASSWORD, role=role, by=SYSTEM)
    return name


def sign_in(page: Page, name: str, password: str = PASSWORD) -> None:
    """Go through the login page."""
    page.goto("/login")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile("/executions$"))


def open_address(page: Page, address: str) -> None:
    """Go there and wait until htmx has taken over; before that, a press is a plain link's."""
    page.goto(address)
    expect(page.locator(".lead [hx-get]").first).to_have_attribute("data-htmx-powered", "true")
