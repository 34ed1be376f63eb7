"""An action's values between JSON and Python.

Floor 1, pure. pydantic converts by the annotations of the signature.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from actions import canonical
from actions.errors import FieldProblem
from actions.schema.signature import (
    KEPT_FUNCTIONS,
    Function,
    first_line,
    params_model,
    result_adapter,
)


class ArgumentsInvalid(ValueError):
    """Params that fit the schema and that the function's own types refuse; `problems` say where."""

    def __init__(self, problems: tuple[FieldProblem, ...]) -> None:
        super().__init__(f"{problems[0].pointer or 'The params'}: {problems[0].detail}")
        self.problems = problems


class ResultInvalid(ValueError):
    """What a function returned is not JSON and cannot be kept; `problem` says where and why.

    `value` is what was looked at; it need not be JSON.
    """

    def __init__(self, problem: FieldProblem, *, value: Any = None) -> None:
        super().__init__(canonical.told(problem))
        self.problem = problem
        self.value = value


@lru_cache(maxsize=KEPT_FUNCTIONS)
def arguments(function: Function) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """A callable that turns params, as JSON, into the function's keyword arguments, typed.

    What a caller left out is left to the function's own defaults. For `**kwargs` other members
    are passed as they are. The callable raises ArgumentsInvalid.
    """
    model = params_model(function)
    names = {inner: str(field.alias) for inner, field in model.model_fields.items()}

    def read(params: Mapping[str, Any]) -> dict[str, Any]:
        try:
            # As JSON, not as Python: strict types then still read a date from a string.
            values = model.__pydantic_validator__.validate_json(json.dumps(params))
        except ValidationError as wrong:
            raise ArgumentsInvalid(tuple(_problems(wrong))) from None
        given = values.model_fields_set & names.keys()
        named = {names[inner]: getattr(values, inner) for inner in given}
        return {**(values.model_extra or {}), **named}

    return read


@lru_cache(maxsize=KEPT_FUNCTIONS)
def encoder(function: Function) -> Callable[[Any], Any]:
    """A callable that turns what the function returns into JSON, by its return annotation.

    Without one the result has to be JSON already. The callable raises ResultInvalid for
    generators, bytes, NaN, loops, huge integers and everything else that JSON does not have.
    """
    adapter = result_adapter(function)

    def encode(result: Any) -> Any:
        encoded = result if adapter is None else _dumped(adapter, result)
        _refuse(canonical.first_problem(encoded), value=encoded)
        return encoded

    return encode


def _problems(wrong: ValidationError) -> Iterator[FieldProblem]:
    for error in wrong.errors(include_url=False, include_input=False, include_context=False):
        code = error["type"].replace("_", "-")
        yield FieldProblem(
            pointer=canonical.pointer_to(error["loc"]), code=code, detail=f"{error['msg']}."
        )


def _dumped(adapter: TypeAdapter[Any], result: Any) -> Any:
    _refuse(canonical.first_problem(result, passing=_may_be_encoded), value=result)
    try:
        return adapter.dump_python(result, mode="json", by_alias=True, warnings="none")
    except (ValueError, RecursionError) as wrong:
        detail = f"The result cannot be written as JSON: {first_line(wrong)}."
        raise ResultInvalid(FieldProblem(pointer="", code="not-json", detail=detail)) from None


def _may_be_encoded(value: object) -> bool:
    """Whether to leave a value to pydantic, which would also drain a stream and guess at bytes."""
    return not isinstance(value, bytes | bytearray | memoryview | Iterator)


def _refuse(problem: FieldProblem | None, *, value: Any) -> None:
    if problem is not None:
        raise ResultInvalid(problem, value=value)
