"""What a call is told, checked before anything is sent: a wrong name would change what it does.

Floor: core, pure.
"""

import math
from collections.abc import Callable, Collection, Mapping
from difflib import get_close_matches
from typing import Any

from do_sdk.errors import WrongOption

Rule = tuple[Callable[[Any], bool], str]
_SHOWN = 80


def is_text(value: object) -> bool:
    """Whether it is a text without half signs, which no address and no JSON can carry."""
    return isinstance(value, str) and value.encode(errors="ignore").decode() == value


def _is_name(value: object) -> bool:
    return is_text(value) and value != ""


def _is_object(value: object) -> bool:
    return isinstance(value, Mapping)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_filter(value: object) -> bool:
    return is_text(value) or (isinstance(value, list | tuple) and all(map(is_text, value)))


def _are_filters(value: object) -> bool:
    return isinstance(value, Mapping) and all(
        is_text(name) and _is_filter(each) for name, each in value.items()
    )


def _one_of(*values: str) -> Rule:
    return lambda value: isinstance(value, str) and value in values, " or ".join(map(repr, values))


_TEXT: Rule = (is_text, "a text")
_NAME: Rule = (_is_name, "a text that is not empty")
_OBJECT: Rule = (_is_object, "an object, a dict")
_COUNT: Rule = (lambda value: _is_whole(value) and value > 0, "a whole number above 0")
_RULES: Mapping[str, Rule] = {
    "params": _OBJECT,
    "metadata": _OBJECT,
    "answer": _OBJECT,
    "filters": (_are_filters, "an object of texts, or of lists of texts"),
    "idempotency_key": _NAME,
    "on_conflict": _one_of("attach", "fail"),
    "on_failed": _one_of("replay", "retry"),
    "allow_unknown_outcome": (lambda value: isinstance(value, bool), "True or False"),
    "decision": _one_of("approved", "rejected"),
    "what": _one_of("from_failed", "from_step", "whole"),
    "version": (lambda value: is_text(value) or _is_whole(value), "a number or a text"),
    "limit": _COUNT,
    "max_connections": _COUNT,
    "after": (lambda value: _is_whole(value) and value >= 0, "a whole number from 0 on"),
    **dict.fromkeys(("step", "reason", "note", "comment", "digest", "cursor"), _TEXT),
}


def check(said: Mapping[str, object]) -> None:
    """Refuse values that are none of their options; raises WrongOption."""
    for name, value in said.items():
        fits, wanted = _RULES.get(name, (None, ""))
        if fits and not fits(value):
            raise WrongOption(f"{name} is {repr(value)[:_SHOWN]}; give {wanted}.")


def check_names(said: Collection[str], *, may: Collection[str]) -> None:
    """Refuse options that there are not; raises WrongOption, with the one that was meant."""
    for name in said:
        if name not in may:
            like = get_close_matches(name, may, n=1)
            meant = f"did you mean {like[0]}?" if like else f"there are {', '.join(may)}."
            raise WrongOption(f"There is no option {name}; {meant}")


def plain(value: Any, *, place: str) -> Any:
    """The value as JSON has it; raises WrongOption with the place of what JSON does not have."""
    match value:
        case None | str() | int():
            return value
        case float() if math.isfinite(value):
            return value
        case Mapping():
            _check_texts(value, place)
            return {name: plain(each, place=f"{place}.{name}") for name, each in value.items()}
        case list() | tuple():
            return [plain(each, place=f"{place}[{at}]") for at, each in enumerate(value)]
    odd = repr(value) if isinstance(value, float) else f"a {type(value).__name__}"
    raise WrongOption(f"{place} is {odd}, which JSON does not have; give what it has.")


def _check_texts(names: Collection[object], place: str) -> None:
    for name in names:
        if not isinstance(name, str):
            raise WrongOption(f"{place} has {repr(name)[:_SHOWN]} for a name; give texts.")
