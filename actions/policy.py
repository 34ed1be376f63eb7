"""The retry policy of an action: how often, how long between, and what decides.

Floor 1, pure. A policy that exists is valid; what it means for one failure is in `backoff`.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from fnmatch import fnmatchcase
from typing import Any, Literal, Self, TypeGuard, get_args

Backoff = Literal["fixed", "linear", "exponential"]
Jitter = Literal["full", "none"]
Verdict = Literal["retry", "fail"]

MAX_ATTEMPTS = 1_000
MAX_RULES = 50
MAX_PATTERN = 200
DAY = 86_400.0
MAX_DELAY_SECONDS = 30 * DAY
MAX_BUDGET_SECONDS = 365 * DAY
DEFAULT_MAX_DELAY_SECONDS = 60.0


class PolicyInvalid(ValueError):
    """A retry policy that cannot be; `field` is its name, as `max_attempts` or `rules[0].do`."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(f"{field} {detail}" if field else detail)
        self.field = field
        self.detail = detail

    def within(self, outer: str) -> "PolicyInvalid":
        """The same problem, told from one level further out."""
        return PolicyInvalid(f"{outer}.{self.field}" if self.field else outer, self.detail)


@dataclass(frozen=True, kw_only=True, slots=True)
class RetryRule:
    """What to do about errors whose code or exception class matches the shell pattern `on`."""

    on: str
    do: Verdict
    delay_seconds: float | None = None

    def __post_init__(self) -> None:
        _check_pattern(self.on)
        _check_choice("do", self.do, get_args(Verdict))
        if self.delay_seconds is not None:
            _check_number("delay_seconds", self.delay_seconds, top=MAX_DELAY_SECONDS)

    def matches(self, *names: str) -> bool:
        """Whether one of the names, such as a code and a class name, fits the pattern."""
        return any(fnmatchcase(name, self.on) for name in names)

    @classmethod
    def parse(cls, given: object) -> Self:
        """The rule that a mapping describes; raises PolicyInvalid."""
        if not isinstance(given, Mapping):
            raise PolicyInvalid("", f'is {_kind(given)}; give an object such as {{"on": …}}')
        _check_names(cls, given)
        for name in ("on", "do"):
            if name not in given:
                raise PolicyInvalid(name, "is missing; a rule needs on and do")
        return cls(**given)

    def as_dict(self) -> dict[str, Any]:
        """The rule as JSON."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class RetryPolicy:
    """How an action is retried.

    `max_attempts` counts the first one. The wait grows from `delay_seconds` up to
    `max_delay_seconds`; with full jitter it is anything from nothing to that. No attempt begins
    later than `budget_seconds` after the first, if that is given. The first rule that matches
    decides; a rule's own delay stands as it is.
    """

    max_attempts: int = 4
    backoff: Backoff = "exponential"
    delay_seconds: float = 1.0
    max_delay_seconds: float = DEFAULT_MAX_DELAY_SECONDS
    jitter: Jitter = "full"
    budget_seconds: float | None = None
    rules: tuple[RetryRule, ...] = ()

    def __post_init__(self) -> None:
        _check_attempts(self.max_attempts)
        _check_choice("backoff", self.backoff, get_args(Backoff))
        _check_choice("jitter", self.jitter, get_args(Jitter))
        _check_number("delay_seconds", self.delay_seconds, top=MAX_DELAY_SECONDS)
        _check_number("max_delay_seconds", self.max_delay_seconds, top=MAX_DELAY_SECONDS)
        if self.delay_seconds > self.max_delay_seconds:
            raise PolicyInvalid(
                "max_delay_seconds",
                f"is {self.max_delay_seconds:g}, less than delay_seconds, {self.delay_seconds:g}; "
                "raise it or lower the other",
            )
        if self.budget_seconds is not None:
            _check_number("budget_seconds", self.budget_seconds, top=MAX_BUDGET_SECONDS)

    @classmethod
    def parse(cls, given: object) -> Self:
        """The policy that a mapping describes; what it leaves out has the default.

        Without a `max_delay_seconds` of its own, a delay over the default raises it.
        Raises PolicyInvalid, which names the field.
        """
        if not isinstance(given, Mapping):
            raise PolicyInvalid(
                "", f'is {_kind(given)}; give an object such as {{"max_attempts": 4}}'
            )
        _check_names(cls, given)
        read = dict(given)
        if "rules" in read:
            read["rules"] = _rules(read["rules"])
        delay = read.get("delay_seconds")
        if "max_delay_seconds" not in read and _is_number(delay):
            read["max_delay_seconds"] = max(DEFAULT_MAX_DELAY_SECONDS, delay)
        return cls(**read)

    def as_dict(self) -> dict[str, Any]:
        """The policy as JSON, every field there; `parse` reads it back."""
        return {**asdict(self), "rules": [rule.as_dict() for rule in self.rules]}

    def rule_for(self, *names: str) -> RetryRule | None:
        """The first rule that matches an error's code or class name."""
        return next((rule for rule in self.rules if rule.matches(*names)), None)


def _rules(given: object) -> tuple[RetryRule, ...]:
    if not isinstance(given, Sequence) or isinstance(given, str):
        raise PolicyInvalid("rules", f"is {_kind(given)}; give a list of rules")
    if len(given) > MAX_RULES:
        raise PolicyInvalid("rules", f"has {len(given)} rules and at most {MAX_RULES} are allowed")
    return tuple(_rule(index, rule) for index, rule in enumerate(given))


def _rule(index: int, given: object) -> RetryRule:
    if isinstance(given, RetryRule):
        return given
    try:
        return RetryRule.parse(given)
    except PolicyInvalid as wrong:
        raise wrong.within(f"rules[{index}]") from None


def _check_names(cls: type[RetryPolicy] | type[RetryRule], given: Mapping[Any, Any]) -> None:
    allowed = [field.name for field in fields(cls)]
    for name in given:
        if name not in allowed:
            raise PolicyInvalid(str(name)[:60], f"is not known; use {', '.join(allowed)}")


def _check_choice(name: str, value: object, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise PolicyInvalid(name, f"is {_shown(value)}; use {' or '.join(allowed)}")


def _check_attempts(value: object) -> None:
    if type(value) is not int:
        raise PolicyInvalid("max_attempts", f"is {_kind(value)}; give a whole number")
    if not 1 <= value <= MAX_ATTEMPTS:
        raise PolicyInvalid("max_attempts", f"is {_shown(value)}; give 1 to {MAX_ATTEMPTS}")


def _check_number(name: str, value: object, *, top: float) -> None:
    if not _is_number(value):
        raise PolicyInvalid(name, f"is {_kind(value)}; give a number of seconds")
    # Written so that NaN, which compares false with everything, is refused too.
    if not 0 <= value <= top:
        raise PolicyInvalid(name, f"is {_shown(value)}; give 0 to {top:.0f} seconds")


def _check_pattern(pattern: object) -> None:
    if not isinstance(pattern, str):
        raise PolicyInvalid("on", f"is {_kind(pattern)}; give a pattern such as smtp_*")
    if not 1 <= len(pattern) <= MAX_PATTERN:
        raise PolicyInvalid("on", f"has {len(pattern)} characters; give 1 to {MAX_PATTERN}")


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _kind(value: object) -> str:
    kinds = {bool: "a boolean", int: "a number", float: "a number", str: "text", type(None): "null"}
    return kinds.get(type(value), f"of type {type(value).__name__}")


def _shown(value: object) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return "not a finite number"
    if isinstance(value, int) and abs(value) > 10**18:
        return "beyond all bounds"
    return repr(value)[:40]
