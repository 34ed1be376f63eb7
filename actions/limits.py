"""How many attempts of an action may run at once, or begin in a while.

Floor 1, pure. A limit is declared with the action and counted under a name; the params that it
is `per` are part of that name, so each customer, say, has a limit of its own.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self

from actions import masking
from actions.jsontypes import JSONObject

Kind = Literal["concurrency", "rate"]

MAX_ALLOWED = 1_000_000
MAX_PER = 5
MAX_NAME = 255
_MAX_VALUES = 120
_RATE = re.compile(r"([1-9][0-9]{0,6})/([smhd])", re.ASCII)
_PERIODS = {"s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0}
# So much of a rate may be used at once, that nobody has to wake for every single one.
_BURST_SECONDS = 0.1
# No action's name begins so.
_STEP = "concurrency:@"


class LimitInvalid(ValueError):
    """A limit that cannot be; the message says what to give instead."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Limit:
    """At most `allowed` at once, or for a rate at most `allowed` begun every `seconds`.

    `per` names top-level params; each combination of their values is counted by itself.
    """

    kind: Kind
    allowed: int
    seconds: float | None = None
    per: tuple[str, ...] = ()

    @property
    def interval(self) -> float:
        """Seconds between two beginnings under a rate."""
        return (self.seconds or 0.0) / self.allowed

    @property
    def burst_seconds(self) -> float:
        """How far ahead of its even pace a rate may run: one beginning, or a tenth of a second."""
        return max(self.interval, _BURST_SECONDS)

    def name_for(self, action: str, params: JSONObject) -> str:
        """Under which name an execution with these params is counted; it can be read by many."""
        values = {name: params.get(name) for name in self.per}
        shown = json.dumps(values, sort_keys=True, ensure_ascii=False) if values else ""
        is_plain = all(not isinstance(value, dict | list) for value in values.values())
        if not is_plain or len(shown) > _MAX_VALUES:
            shown = f"#{hashlib.sha256(shown.encode()).hexdigest()[:32]}"
        return f"{self.kind}:{action}{shown}"

    def as_dict(self) -> dict[str, Any]:
        """The limit as JSON; `parse` reads it back."""
        return {
            "kind": self.kind,
            "allowed": self.allowed,
            "seconds": self.seconds,
            "per": list(self.per),
        }

    @classmethod
    def parse(cls, given: Mapping[str, Any]) -> Self:
        """What `as_dict` has written."""
        return cls(**{**given, "per": tuple(given["per"])})


def step_name(workflow: str, key: str, *, allowed: int) -> str:
    """Under which name steps of a workflow with this concurrency key are counted.

    It says how many of them may run, so `of_step` needs nothing else; where versions of a workflow
    allow different numbers, each is counted by itself.
    """
    is_short = len(key) <= _MAX_VALUES
    shown = key if is_short else f"#{hashlib.sha256(key.encode()).hexdigest()[:32]}"
    return f"{_STEP}{workflow}/{allowed}/{shown}"


def of_step(name: str) -> Limit | None:
    """The limit of steps that are counted under that name; None if it is that of an action."""
    if not name.startswith(_STEP):
        return None
    _, allowed, _ = name.split("/", 2)
    return Limit(kind="concurrency", allowed=int(allowed))


def step_key(name: str) -> tuple[str, str]:
    """The workflow and the key in the name of a step's limit."""
    workflow, _, key = name.removeprefix(_STEP).split("/", 2)
    return workflow, key


def is_given_back(name: str) -> bool:
    """Whether an attempt that ends frees a place under that name; a rate's is used up."""
    return name.startswith("concurrency:")


def concurrency(given: object) -> Limit:
    """Read `3` or `{"limit": 3, "per": ["customerId"]}`; raises LimitInvalid."""
    allowed, per = _parts(given)
    return Limit(kind="concurrency", allowed=_allowed(allowed), per=_per(per))


def rate(given: object) -> Limit:
    """Read `"100/m"` or `{"limit": "100/m", "per": ["customerId"]}`; raises LimitInvalid."""
    allowed, per = _parts(given)
    found = _RATE.fullmatch(allowed) if isinstance(allowed, str) else None
    if found is None:
        raise LimitInvalid(f"a rate is {allowed!r:.40}; give a number per s, m, h or d, as 100/m")
    return Limit(
        kind="rate", allowed=_allowed(int(found[1])), seconds=_PERIODS[found[2]], per=_per(per)
    )


def check_per(param: str, params_schema: JSONObject) -> None:
    """Refuse a limit per something that is no param, or may not be shown; raises LimitInvalid."""
    properties = params_schema.get("properties")
    if not isinstance(properties, Mapping) or param not in properties:
        raise LimitInvalid(f"it is per {param[:60]!r}, which is no param")
    if masking.split({param: "x"}, params_schema).hidden:
        raise LimitInvalid(f"it is per {param!r}, which is secret; its name would show the value")


def _allowed(given: object) -> int:
    if type(given) is not int or not 1 <= given <= MAX_ALLOWED:
        raise LimitInvalid(f"the limit is {given!r:.40}; give a whole number from 1")
    return given


def _per(given: object) -> tuple[str, ...]:
    if isinstance(given, Sequence) and not isinstance(given, str) and len(given) <= MAX_PER:
        names = [one for one in given if isinstance(one, str)]
        if len(names) == len(given):
            return tuple(names)
    raise LimitInvalid(f"per is {given!r:.40}; give a list of up to {MAX_PER} names of params")


def _parts(given: object) -> tuple[object, object]:
    """The limit itself and what it is per."""
    if not isinstance(given, Mapping):
        return given, ()
    for name in given:
        if name not in ("limit", "per"):
            raise LimitInvalid(f"{name!r:.40} is not known; use limit and per")
    return given.get("limit"), given.get("per", ())
