"""Each dependency says why it is here, in a comment of its line."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

from tests.house import source

# Parts of a declared package's interface that come under a name of their own.
COMES_WITH = {"asgiref": "django", "referencing": "jsonschema", "typing-extensions": "pydantic"}
# The examples are apps of their own, as a user's are. dbos is installed by `make bench` alone.
OURS = {*source.ROOMS, "onboarding", "do_sdk", "tests", "dbos"}
PYPROJECT = source.ROOT / "pyproject.toml"


def test_every_dependency_has_a_reason():
    unexplained = [name for name in dependencies() if not is_explained(name)]

    assert not unexplained, source.listed(unexplained)


def test_what_is_imported_is_declared():
    declared = {normal(re.split(r"[\[<>=~! ]", name)[0]) for name in dependencies()}
    sold_as = packages_distributions()

    undeclared = [
        f"{source.place(path, line)} {package}"
        for path in source.files(".py", under=(*source.ROOMS, "tests"))
        for line, package in imported(path)
        if not declared & {owner(name) for name in sold_as.get(package, [])}
        and package not in (*sys.stdlib_module_names, *OURS)
    ]

    assert not undeclared, source.listed(undeclared)


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """The top-level packages that a file imports."""
    for node in ast.walk(source.tree(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name.split(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.lineno, node.module.split(".")[0]


def owner(name: str) -> str:
    """The distribution that has to be declared for this one to be there."""
    return COMES_WITH.get(normal(name), normal(name))


def normal(name: str) -> str:
    """A distribution's name as the index compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def dependencies() -> list[str]:
    document = tomllib.loads(PYPROJECT.read_text())
    groups = document["dependency-groups"].values()
    return [*document["project"]["dependencies"], *(name for group in groups for name in group)]


def is_explained(name: str) -> bool:
    """Whether the line of the requirement, or the one above a one-line list, has a comment."""
    lines = PYPROJECT.read_text().splitlines()
    number = next(at for at, line in enumerate(lines) if f'"{name}"' in line)
    alone = lines[number].lstrip().startswith('"')
    return "#" in (lines[number] if alone else lines[number - 1])
