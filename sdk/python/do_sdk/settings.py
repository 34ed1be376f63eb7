"""What a client is told at its making. Floor: core, pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from do_sdk.errors import WrongOption

VERSION = "0.1.0"
URL_VARIABLE = "DO_API_URL"
API = "/api/v1"
TIMEOUT_SECONDS = 60.0
CONNECTIONS = 100
_KEY = re.compile(r"[!-~]+")
# Who calls, with a password: nothing that is shown.
_OWNER = re.compile("//[^/]*@")
_SHOWN = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """Where the service is, who calls, and how long a call may take, in seconds."""

    base_url: str
    api_key: str = field(repr=False)
    timeout: float

    def seconds_of(self, timeout: float | None) -> float:
        """How long a call may take that is given this; raises WrongOption."""
        return self.timeout if timeout is None else _seconds(timeout)

    @property
    def headers(self) -> dict[str, str]:
        """What every request carries."""
        return {
            "Authorization": f"Bearer {self.api_key}",
            "User-Agent": f"do-sdk-python/{VERSION}",
        }


def settings_of(
    *, api_key: str, base_url: str | None, timeout: float, environment: Mapping[str, str]
) -> Settings:
    """Check them; raises WrongOption that names what is wrong and what to do."""
    if not _is_key(api_key):
        raise WrongOption(
            "The API key is empty or no API key; make one with manage.py create_api_key."
        )
    said = environment.get(URL_VARIABLE, "") if base_url is None else base_url
    if said == "":
        raise WrongOption(
            f"Where the service is was not said; set {URL_VARIABLE} or give base_url, "
            "such as https://actions.example.com."
        )
    if not _is_site(said):
        shown = _OWNER.sub("//…@", repr(said))[:_SHOWN]
        raise WrongOption(
            f"The base URL {shown} is not one of http or https with a host, a port and a path alone."
        )
    url = said.rstrip("/").removesuffix(API) + API
    return Settings(base_url=url, api_key=api_key.strip(" "), timeout=_seconds(timeout))


def _seconds(timeout: object) -> float:
    said = f"The time-out is {timeout!r}; give a number of seconds above 0."
    if isinstance(timeout, bool) or not isinstance(timeout, int | float) or not timeout > 0:
        raise WrongOption(said)
    return timeout


def _is_key(value: object) -> bool:
    return isinstance(value, str) and bool(_KEY.fullmatch(value.strip(" ")))


def _is_site(url: object) -> bool:
    if not isinstance(url, str):
        return False
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").encode("idna"), parts.port
    except ValueError:
        return False
    is_web = parts.scheme in ("http", "https")
    is_place = bool(host) and host.isascii() and port != 0
    return (
        is_web
        and is_place
        and url.isprintable()
        and not (set("?# ") & set(url) or "@" in parts.netloc)
    )
