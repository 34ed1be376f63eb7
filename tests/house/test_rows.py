"""Verbs write rows, querysets read them, and doors do neither by hand."""

import ast
import re
from pathlib import Path

from tests.house import source

# Floor 4: the only writers of rows.
VERBS = (
    "actions/executions/",
    "actions/vault/",
    "actions/access.py",
    "actions/audit.py",
    "actions/definitions.py",
    "actions/logins.py",
    "workflows/definitions.py",
    "workflows/runs/",
)
DOORS = ("api", "web", "management", "templatetags")

WRITES = re.compile(
    r"\.objects\b.*\.(a?(bulk_)?(create|update)|(a?get|a?update)_or_create|a?delete)$|\.a?save$"
)
READS_BY_HAND = re.compile(r"\.objects\b.*\.(filter|exclude|annotate|aggregate|extra|raw)$")
SQL = re.compile(r"\b(FROM|JOIN|INTO|UPDATE|TRUNCATE)\s+(actions|workflows)_")


def test_only_verbs_write_rows():
    elsewhere = [
        f"{source.place(path, call.lineno)} {ast.unparse(call.func)}"
        for path in ours()
        if not source.place(path).startswith(VERBS)
        for call in calls(path)
        if WRITES.search(ast.unparse(call.func))
    ]

    assert not elsewhere, source.listed(elsewhere)


def test_doors_read_by_named_querysets():
    by_hand = [
        f"{source.place(path, call.lineno)} {ast.unparse(call.func)}"
        for path in ours()
        if set(path.relative_to(source.ROOT).parts) & set(DOORS)
        for call in calls(path)
        if READS_BY_HAND.search(ast.unparse(call.func))
    ]

    assert not by_hand, source.listed(by_hand)


def test_doors_speak_no_sql():
    spoken = [
        f"{source.place(path, text.lineno)} {text.value.strip()[:40]}"
        for path in ours()
        if set(path.relative_to(source.ROOT).parts) & set(DOORS)
        for text in ast.walk(source.tree(path))
        if isinstance(text, ast.Constant) and isinstance(text.value, str)
        if SQL.search(text.value)
    ]

    assert not spoken, source.listed(spoken)


def ours() -> list[Path]:
    return source.files(".py", under=("actions", "workflows", "actionsite"))


def calls(path: Path) -> list[ast.Call]:
    return [node for node in ast.walk(source.tree(path)) if isinstance(node, ast.Call)]
