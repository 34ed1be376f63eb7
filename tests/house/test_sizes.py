"""Ceilings, not averages: what is longer than this is hard to read at once."""

import ast
from pathlib import Path

import pytest

from tests.house import source

FUNCTION_LINES = 30
VIEW_LINES = 20
FILE_LINES = 300
TEMPLATE_LINES = 100
POSITIONAL_ARGUMENTS = 3

# Files whose functions are called in somebody else's way, and by whom.
PRESCRIBED = {
    "actions/schema/validation.py": "jsonschema calls each keyword with four arguments",
    "examples/onboarding/demo/mailbox.py": "aiosmtpd calls handle_RCPT with five arguments",
}


def test_no_function_is_longer_than_thirty_lines():
    too_long = [
        f"{source.place(path, function.lineno)} {function.name}: {length(function)} lines"
        for path in source.files(".py", under=source.TEXTS)
        for function in source.functions(path)
        if length(function) > FUNCTION_LINES
    ]

    assert not too_long, source.listed(too_long)


def test_no_view_is_longer_than_twenty_lines():
    too_long = [
        f"{source.place(path, function.lineno)} {function.name}: {length(function)} lines"
        for path in source.files(".py")
        for function in source.functions(path)
        if is_view(path, function) and length(function) > VIEW_LINES
    ]

    assert not too_long, source.listed(too_long)


@pytest.mark.parametrize("suffix", [".py", ".css", ".js"])
def test_no_file_is_longer_than_three_hundred_lines(suffix):
    too_long = [
        f"{source.place(path)}: {source.line_count(path)} lines"
        for path in source.files(suffix, under=source.TEXTS)
        if source.line_count(path) > FILE_LINES
    ]

    assert not too_long, source.listed(too_long)


def test_no_template_is_longer_than_a_hundred_lines():
    too_long = [
        f"{source.place(path)}: {source.line_count(path)} lines"
        for path in source.templates()
        if source.line_count(path) > TEMPLATE_LINES
    ]

    assert not too_long, source.listed(too_long)


def test_no_function_takes_more_than_three_positional_arguments():
    too_many = [
        f"{source.place(path, function.lineno)} {function.name}: {len(positional(function))}"
        for path in source.files(".py")
        if source.place(path) not in PRESCRIBED
        for function in source.functions(path)
        if len(positional(function)) > POSITIONAL_ARGUMENTS
    ]

    assert not too_many, source.listed(too_many)


def length(function: source.Function) -> int:
    """Lines from `def` to the end; what a docstring explains is not counted."""
    whole = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function, clean=False) is None:
        return whole
    return whole - ((first.end_lineno or first.lineno) - first.lineno + 1)


def positional(function: source.Function) -> list[str]:
    """The names of the positional arguments, without the one that Python passes itself."""
    names = [argument.arg for argument in [*function.args.posonlyargs, *function.args.args]]
    return names[1:] if names[:1] in (["self"], ["cls"]) else names


def is_view(path: Path, function: source.Function) -> bool:
    """Whether a function of a door answers a request; what an address captures is positional."""
    in_a_door = bool({"api", "web", "actionsite"} & set(path.relative_to(source.ROOT).parts))
    return in_a_door and positional(function)[:1] == ["request"] and not function.args.kwonlyargs
