"""The actions that are written in code: what `@action` declares and who has declared it.

Floor 1, pure. The catalogue that people and programs see is in the database; `definitions.sync`
brings what stands here to it.
"""

import hashlib
import inspect
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, TypedDict, TypeVar, Unpack

from actions import keys, limits, schema
from actions.errors import DefinitionInvalid
from actions.jsontypes import JSONObject
from actions.limits import Limit, LimitInvalid
from actions.policy import PolicyInvalid, RetryPolicy
from actions.states import Effect

Idempotency = Literal["optional", "required", "derived"]
ActionFunction = Callable[..., Any]
F = TypeVar("F", bound=ActionFunction)

MAX_TIMEOUT_SECONDS = 86_400
NAME_PATTERN = "[a-z][a-z0-9]*([-.][a-z0-9]+)*"
MAX_NAME = 100
_NAME = re.compile(NAME_PATTERN, re.ASCII)
_QUEUE = re.compile(r"[a-z][a-z0-9_-]{0,62}", re.ASCII)
MAX_PRIORITY = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class ActionSpec:
    """One action as its code declares it; `digest` changes whenever anything of it does."""

    name: str
    function: ActionFunction
    effect: Effect
    repeatable: bool
    params_schema: JSONObject
    result_schema: JSONObject
    retry: RetryPolicy
    timeout_seconds: float | None
    idempotency: Idempotency
    key_retention: keys.Retention | None
    queue: str
    priority: int
    limits: tuple[Limit, ...]
    description: str
    digest: str

    @property
    def is_async(self) -> bool:
        """Whether the function is a coroutine function."""
        return inspect.iscoroutinefunction(self.function)


class Turn(TypedDict, total=False):
    """When an action has its turn: first among others, and how many at once or in a time."""

    priority: int
    concurrency: int | Mapping[str, Any]
    rate: str | Mapping[str, Any]


_specs: dict[str, ActionSpec] = {}


def action(
    name: str,
    *,
    effect: str,
    repeatable: bool = False,
    params: JSONObject | None = None,
    result: JSONObject | None = None,
    retry: Mapping[str, Any] | None = None,
    timeout: float | None = None,
    idempotency: Idempotency = "optional",
    key_retention: keys.Retention | None = None,
    queue: str = "default",
    **turn: Unpack[Turn],
) -> Callable[[F], F]:
    """Declare a function as an action.

    The function is `(ctx, *, amount: int, …) -> …`, plain or async. `effect` is `none`,
    `transactional` or `external`; `repeatable` says whether an external attempt whose outcome is
    unknown may be tried again. Schemas come from the signature unless `params` or `result` give a
    JSON Schema. `retry` has the fields of RetryPolicy, `timeout` is in seconds per attempt. A key
    is remembered for `key_retention` days after its execution has ended, or `"forever"`; left out,
    the installation's setting counts. In its `queue` the higher `priority` goes first, -100 to 100. `concurrency` is how many attempts run at
    once, `rate` how many begin in a time: `3`, `"100/m"`, or `{"limit": 3, "per": ["customerId"]}`.
    Raises DefinitionInvalid, which names the action and the field.
    """

    def declare(function: F) -> F:
        _checked(
            name, function, effect=effect, idempotency=idempotency, queue=queue, timeout=timeout
        )
        fields: dict[str, Any] = {"name": name, "effect": Effect(effect), "repeatable": repeatable}
        fields |= _schemas(name, function, params=params, result=result)
        fields |= {"retry": _policy(name, retry), "timeout_seconds": timeout}
        fields |= {"idempotency": idempotency, "queue": queue}
        fields["key_retention"] = _retention(name, key_retention)
        _add(_spec(function, fields | _turn(name, fields["params_schema"], turn)))
        return function

    return declare


def check_name(name: str) -> None:
    """Raise DefinitionInvalid for a name that no action may have."""
    if not _NAME.fullmatch(name) or len(name) > MAX_NAME:
        raise DefinitionInvalid(
            f"The action name {name[:60]!r} is not allowed; use up to {MAX_NAME} lower-case "
            "letters, digits, dots and hyphens, such as charge-card."
        )


def all_specs() -> dict[str, ActionSpec]:
    """Everything that this process has declared, by name."""
    return dict(_specs)


def get(name: str) -> ActionSpec | None:
    """The action of that name, or None where this process does not have it."""
    return _specs.get(name)


@contextmanager
def isolated() -> Iterator[None]:
    """Forget what is declared inside the block, for tests that declare actions."""
    kept = dict(_specs)
    try:
        yield
    finally:
        _specs.clear()
        _specs.update(kept)


def _spec(function: ActionFunction, fields: dict[str, Any]) -> ActionSpec:
    fields = {**fields, "description": inspect.getdoc(function) or ""}
    return ActionSpec(function=function, digest=_digest(function, fields), **fields)


def _add(spec: ActionSpec) -> None:
    present = _specs.get(spec.name)
    if present is not None and _home(present.function) != _home(spec.function):
        raise DefinitionInvalid(
            f"The action {spec.name} is declared twice, in {_home(present.function)} and in "
            f"{_home(spec.function)}; rename one of them."
        )
    _specs[spec.name] = spec


# Fields that came later: unset, they leave the digest of an action as it was.
_LATER = frozenset({"priority", "limits", "key_retention"})


def _home(function: ActionFunction) -> str:
    return f"{function.__module__}.{function.__qualname__}"


def _checked(
    name: str,
    function: ActionFunction,
    *,
    effect: str,
    idempotency: str,
    queue: str,
    timeout: float | None,
) -> None:
    check_name(name)
    _check_kind(name, function, effect)
    _one_of(name, "effect", effect, allowed=tuple(Effect))
    _one_of(name, "idempotency", idempotency, allowed=("optional", "required", "derived"))
    if not _QUEUE.fullmatch(queue):
        raise DefinitionInvalid(f"The queue {queue[:60]!r} of the action {name} is not a name.")
    if timeout is not None and not 0 < timeout <= MAX_TIMEOUT_SECONDS:
        raise DefinitionInvalid(
            f"The timeout of the action {name} is {timeout}; "
            f"give seconds above 0 and up to {MAX_TIMEOUT_SECONDS}."
        )


def _check_kind(name: str, function: ActionFunction, effect: str) -> None:
    if effect == Effect.TRANSACTIONAL and inspect.iscoroutinefunction(function):
        raise DefinitionInvalid(
            f"The action {name} is a coroutine and transactional; coroutines run beside one "
            "another, outside the transaction, so make it a plain function."
        )


def _check_priority(name: str, priority: object) -> None:
    if type(priority) is not int or abs(priority) > MAX_PRIORITY:
        raise DefinitionInvalid(
            f"The priority of the action {name} is {priority!r:.40}; "
            f"give a whole number from -{MAX_PRIORITY} to {MAX_PRIORITY}."
        )


def _retention(name: str, given: keys.Retention | None) -> keys.Retention | None:
    if given is not None and not keys.is_retention(given):
        raise DefinitionInvalid(
            f"The key_retention of the action {name} is {given!r:.40}; give whole days from 1 to "
            f'{keys.MAX_RETENTION_DAYS}, or "{keys.FOREVER}".'
        )
    return given


def _turn(name: str, params_schema: JSONObject, turn: Turn) -> dict[str, Any]:
    """The priority and the limits of an action; what they are per are params that may be shown."""
    for wish in turn:
        if wish not in Turn.__annotations__:
            raise DefinitionInvalid(f"The action {name} cannot have {wish!r:.60}.")
    priority = turn.get("priority", 0)
    _check_priority(name, priority)
    try:
        found = [limits.concurrency(turn["concurrency"])] if "concurrency" in turn else []
        found += [limits.rate(turn["rate"])] if "rate" in turn else []
        for param in {param for limit in found for param in limit.per}:
            limits.check_per(param, params_schema)
    except LimitInvalid as wrong:
        raise DefinitionInvalid(f"A limit of the action {name}: {wrong}.") from wrong
    return {"priority": priority, "limits": tuple(found)}


def _one_of(name: str, field: str, value: str, *, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise DefinitionInvalid(
            f"The {field} of the action {name} is {value!r}; use one of {', '.join(allowed)}."
        )


def _policy(name: str, retry: Mapping[str, Any] | None) -> RetryPolicy:
    try:
        return RetryPolicy.parse(retry or {})
    except PolicyInvalid as wrong:
        raise DefinitionInvalid(f"The retry policy of the action {name}: {wrong}") from wrong


def _schemas(
    name: str,
    function: ActionFunction,
    *,
    params: JSONObject | None,
    result: JSONObject | None,
) -> dict[str, JSONObject]:
    try:
        params_schema = params if params is not None else schema.params_schema(function)
        result_schema = result if result is not None else schema.result_schema(function)
        for one in (params_schema, result_schema):
            schema.check(one)
            schema.check_marks(one)
    except schema.SchemaInvalid as wrong:
        raise DefinitionInvalid(f"A schema of the action {name}: {wrong}") from wrong
    return {"params_schema": params_schema, "result_schema": result_schema}


def _digest(function: ActionFunction, fields: dict[str, Any]) -> str:
    try:
        code = inspect.getsource(function)
    except (OSError, TypeError):
        code = function.__code__.co_code.hex()
    said = {name: value for name, value in fields.items() if name not in _LATER or value}
    said |= {"retry": fields["retry"].as_dict(), "code": code}
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()
