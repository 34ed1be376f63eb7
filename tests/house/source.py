"""The repository's own files, as the house tests read them.

A place is written `path:line`, so that an editor can open what a failing test names.
"""

import ast
import io
import tokenize
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
ROOMS = (
    *("actions", "workflows", "actionsite", "examples", "benchmarks"),
    *("conformance", "sdk"),
)
TEXTS = (*ROOMS, "tests", "templates", "static", "scripts")
NOT_OURS = ("migrations", "vendor", "__pycache__", "staticfiles", "node_modules")

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
Function = ast.FunctionDef | ast.AsyncFunctionDef


def files(suffix: str, *, under: tuple[str, ...] = ROOMS) -> list[Path]:
    """Our files with that suffix below the given folders; not migrations, not vendored ones."""
    found = [path for room in under for path in (ROOT / room).rglob(f"*{suffix}")]
    return sorted(path for path in found if not set(path.parts) & set(NOT_OURS))


def templates() -> list[Path]:
    """Every page and fragment, wherever an app keeps it."""
    return files(".html", under=(*ROOMS, "templates"))


@cache
def tree(path: Path) -> ast.Module:
    """The syntax tree of one Python file."""
    return ast.parse(path.read_text(), filename=str(path))


def place(path: Path, line: int | None = None) -> str:
    """How a failing test points at a line."""
    name = path.relative_to(ROOT).as_posix()
    return name if line is None else f"{name}:{line}"


def listed(places: Iterable[str]) -> str:
    """Everything that broke a rule, a line each; pytest itself would cut a long list short."""
    return "\n" + "\n".join(places)


def functions(path: Path) -> Iterator[Function]:
    """Every function and method of a file, nested ones too."""
    return (node for node in ast.walk(tree(path)) if isinstance(node, FUNCTIONS))


def line_count(path: Path) -> int:
    """How many lines a file has."""
    return len(path.read_text().splitlines())


def comments(path: Path) -> Iterator[tuple[int, str]]:
    """The comments of a Python file with their line numbers; text inside strings is none."""
    with io.StringIO(path.read_text()) as lines:
        for token in tokenize.generate_tokens(lines.readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string
