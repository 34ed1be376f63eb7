"""An action's signature as schemas.

Floor 1, pure. pydantic reads the annotations: `(ctx, *, amount: int, note: str = "") -> Receipt`.
"""

import inspect
import typing
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from types import SimpleNamespace
from typing import Any, NoReturn

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, create_model
from pydantic.errors import PydanticUserError
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaWarningKind

from actions.schema.checking import SchemaInvalid
from actions.schema.tree import Schema

Function = Callable[..., Any]

KEPT_FUNCTIONS = 1_024
_UNSAID: Any = inspect.Parameter.empty
_BY_POSITION = (
    inspect.Parameter.POSITIONAL_ONLY,
    inspect.Parameter.POSITIONAL_OR_KEYWORD,
)


def params_schema(function: Function) -> Schema:
    """The schema of an object with one member for each parameter after `ctx`.

    Other members are refused. What is not annotated may be anything. Raises SchemaInvalid for what
    JSON cannot fill: `*args`, `**kwargs`, types without a schema, defaults that are not JSON.
    """
    signature = _read(function)
    if signature.takes_any:
        raise SchemaInvalid(f"{_name(function)} takes **kwargs; give their schema as params=.")
    try:
        schema = params_model(function).model_json_schema(schema_generator=_PlainSchema)
    except PydanticUserError as wrong:
        _refuse_annotations(function, signature, wrong)
    schema.pop("title", None)
    return schema


def result_schema(function: Function) -> Schema:
    """The schema of what the return annotation says; `{}`, anything, if there is none."""
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        raise SchemaInvalid(f"{_name(function)} is a generator; return a list.")
    adapter = result_adapter(function)
    if adapter is None:
        return {}
    try:
        return adapter.json_schema(mode="serialization", schema_generator=_PlainSchema)
    except PydanticUserError as wrong:
        raise SchemaInvalid(f"The result of {_name(function)}: {first_line(wrong)}") from None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Signature:
    parameters: dict[str, inspect.Parameter]
    takes_any: bool


class _PlainSchema(GenerateJsonSchema):
    """Schemas without made-up titles, and without a silent loss of a default."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def emit_warning(self, kind: JsonSchemaWarningKind, detail: str) -> None:
        if kind == "non-serializable-default":
            raise SchemaInvalid(f"{detail}; use a default that is JSON.")


def _read(function: Function) -> _Signature:
    everything = list(inspect.signature(function).parameters.values())
    if not everything or everything[0].kind not in _BY_POSITION:
        raise SchemaInvalid(f"{_name(function)} takes no ctx; declare it as (ctx, *, …).")
    rest = everything[1:]
    for parameter in rest:
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.POSITIONAL_ONLY):
            raise SchemaInvalid(
                f"The parameter {parameter.name} of {_name(function)} cannot be given by name; "
                "put it after a *."
            )
    named = {p.name: p for p in rest if p.kind is not p.VAR_KEYWORD}
    return _Signature(parameters=named, takes_any=len(named) < len(rest))


@lru_cache(maxsize=KEPT_FUNCTIONS)
def params_model(function: Function) -> type[BaseModel]:
    """A pydantic model with one field for each parameter.

    Its fields have names of their own, and the parameters' as aliases: a parameter may be called
    `json` or `_since`, which a model could not bear.
    """
    signature = _read(function)
    fields: dict[str, Any] = {
        f"field_{index}": (_annotation(function, parameter), _field(parameter))
        for index, parameter in enumerate(signature.parameters.values())
    }
    config = ConfigDict(extra="allow" if signature.takes_any else "forbid")
    try:
        return create_model("Params", __config__=config, **fields)
    except PydanticUserError as wrong:
        _refuse_annotations(function, signature, wrong)


def _field(parameter: inspect.Parameter) -> Any:
    if parameter.default is _UNSAID:
        return Field(alias=parameter.name)
    return Field(alias=parameter.name, default=parameter.default)


def _annotation(function: Function, parameter: inspect.Parameter) -> Any:
    found = _evaluated(function, parameter.name, parameter.annotation)
    return Any if found is _UNSAID else found


def _evaluated(function: Function, name: str, annotation: Any) -> Any:
    """An annotation as a type, also where annotations are kept as text; each by itself, so that
    one that only a type checker can see (often that of ctx) does not hide the others."""
    if not isinstance(annotation, str):
        return annotation
    around = getattr(inspect.unwrap(function), "__globals__", {})
    holder = SimpleNamespace(__annotations__={name: annotation})
    try:
        return typing.get_type_hints(holder, globalns=around, include_extras=True)[name]
    except (NameError, SyntaxError, TypeError, AttributeError) as wrong:
        raise SchemaInvalid(
            f"The annotation {annotation[:80]!r} of {name} in {_name(function)} cannot be read: "
            f"{wrong}; import it at run time."
        ) from None


def result_adapter(function: Function) -> TypeAdapter[Any] | None:
    """What knows the return annotation; None if there is none, or if it allows anything."""
    annotation = inspect.signature(function).return_annotation
    annotation = _evaluated(function, "return", annotation)
    if annotation is _UNSAID or annotation is Any:
        return None
    try:
        return TypeAdapter(annotation)
    except PydanticUserError as wrong:
        raise SchemaInvalid(f"The result of {_name(function)}: {first_line(wrong)}") from None


def _refuse_annotations(
    function: Function, signature: _Signature, wrong: PydanticUserError
) -> NoReturn:
    for parameter in signature.parameters.values():
        try:
            TypeAdapter(_annotation(function, parameter)).json_schema()
        except PydanticUserError as cause:
            detail = f"The parameter {parameter.name} of {_name(function)}: {first_line(cause)}"
            raise SchemaInvalid(detail) from None
    raise SchemaInvalid(f"{_name(function)}: {first_line(wrong)}") from None


def first_line(wrong: Exception) -> str:
    """The beginning of pydantic's message, which has many lines."""
    return str(wrong).split("\n", 1)[0][:300]


def _name(function: Function) -> str:
    return getattr(function, "__qualname__", repr(function))
