"""Typed readers of the environment. Floor: the site, pure (values in, values out).

A missing or wrong value stops the start with one sentence that names the variable, shows the
value (never a secret's) and says what to do. Every variable is listed in docs/settings.md.
"""

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

SECRET_LENGTH_MIN = 50
TRUE_WORDS = frozenset({"1", "true", "yes", "on"})
FALSE_WORDS = frozenset({"0", "false", "no", "off"})


class WrongSetting(ImproperlyConfigured):
    """An environment variable is missing or wrong; the message is one sentence with advice."""


@dataclass(frozen=True, slots=True)
class Environment:
    """Reads settings from `variables`; an empty value counts as unset."""

    variables: Mapping[str, str]

    def text(self, name: str, *, default: str | None = None) -> str:
        """The value as it stands; without a default the variable is required."""
        value = self.variables.get(name, "").strip() or default
        if value is None:
            raise WrongSetting(f"{name} is not set; set it, docs/settings.md says to what.")
        return value

    def choice(self, name: str, *, options: tuple[str, ...], default: str) -> str:
        """One of `options`."""
        value = self.text(name, default=default)
        if value not in options:
            raise _wrong(name, value, f"use one of {', '.join(options)}")
        return value

    def integer(self, name: str, *, default: int, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        value = self.text(name, default=str(default))
        try:
            number = int(value)
        except ValueError:
            raise _wrong(name, value, f"use a whole number from {low} to {high}") from None
        if not low <= number <= high:
            raise _wrong(name, value, f"use a whole number from {low} to {high}")
        return number

    def port(self, name: str, *, default: int) -> int:
        """A port of TCP."""
        return self.integer(name, default=default, low=1, high=65_535)

    def seconds(self, name: str, *, default: float, low: float, high: float) -> float:
        """A number of seconds, fractions allowed, from `low` to `high`."""
        value = self.text(name, default=str(default))
        try:
            number = float(value)
        except ValueError:
            number = float("nan")
        if not low <= number <= high:
            raise _wrong(name, value, f"use a number of seconds from {low:g} to {high:g}")
        return number

    def boolean(self, name: str, *, default: bool) -> bool:
        """True for 1, true, yes, on; False for 0, false, no, off."""
        value = self.text(name, default=str(default)).lower()
        if value not in TRUE_WORDS | FALSE_WORDS:
            raise _wrong(name, value, "use 1 or 0")
        return value in TRUE_WORDS

    def names(self, name: str, *, default: str = "") -> list[str]:
        """A comma-separated list; blanks around names and empty names are dropped."""
        value = self.text(name, default=default)
        return [part.strip() for part in value.split(",") if part.strip()]

    def path(self, name: str, *, default: Path) -> Path:
        """An absolute path; a relative value is taken from the current directory."""
        return Path(self.text(name, default=str(default))).expanduser().resolve()

    def url(self, name: str, *, default: str | None = None) -> str:
        """An http or https address with a host, without path, query or a slash at its end."""
        value = self.text(name, default=default).rstrip("/")
        advice = "use an address such as https://actions.example.com"
        try:
            parts = urlsplit(value)
            has_port = parts.port != 0
        except ValueError:
            raise _wrong(name, value, advice) from None
        is_bare = parts.path + parts.query + parts.fragment == "" and parts.username is None
        if parts.scheme not in {"http", "https"} or not (parts.hostname and has_port and is_bare):
            raise _wrong(name, value, advice)
        return value

    def secret(self, name: str) -> str:
        """A required secret of at least 50 characters; no message ever shows it.

        `<name>_FILE` may name a file that holds it instead.
        """
        value = self._in_file(f"{name}_FILE") or self.text(name)
        if len(value) < SECRET_LENGTH_MIN:
            raise WrongSetting(
                f"{name} has {len(value)} characters; use at least {SECRET_LENGTH_MIN}, "
                'for example from: python3 -c "import secrets; print(secrets.token_urlsafe(48))".'
            )
        return value

    def _in_file(self, name: str) -> str:
        path = self.variables.get(name, "").strip()
        try:
            return Path(path).read_text().strip() if path else ""
        except (OSError, UnicodeDecodeError) as unreadable:
            reason = f"which cannot be read ({type(unreadable).__name__})"
            raise WrongSetting(f"{name} names {path!r}, {reason}; correct it.") from None


def fill(variables: MutableMapping[str, str], name: str, value: str) -> None:
    """Give a variable its value unless it has one; an empty one has none."""
    if not variables.get(name):
        variables[name] = value


def _wrong(name: str, value: str, advice: str) -> WrongSetting:
    return WrongSetting(f"{name} is {value!r}; {advice}.")
