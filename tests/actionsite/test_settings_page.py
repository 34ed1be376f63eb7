"""docs/settings.md lists every variable that is read, and none that is not."""

import ast
import re
from pathlib import Path

from tests.house import source

READ = re.compile(
    r"\benv\.(?:text|choice|integer|port|seconds|boolean|names|path|url|secret)\(\s*\"(\w+)\""
)
LISTED = re.compile(r"^\| `([A-Z_]+)`", re.MULTILINE)
# Read by name at run time, one for each secret of an action.
FAMILY = "ACTIONSITE_SECRET_"
# Rooms that must know before there are settings: secrets are read late, faults are read first.
READERS = ("actions/executor/secrets.py", "actions/faults.py", "workflows/health.py")


def test_every_variable_is_documented():
    settings = (source.ROOT / "actionsite" / "settings.py").read_text()

    assert set(READ.findall(settings)) - set(listed()) == set()


def test_every_documented_variable_is_read():
    settings = (source.ROOT / "actionsite" / "settings.py").read_text()

    assert set(listed()) - set(READ.findall(settings)) - {FAMILY} == set()


def test_only_secrets_and_faults_are_read_from_the_environment_elsewhere():
    reading = [
        source.place(path)
        for path in source.files(".py", under=("actions", "workflows"))
        if reads_environment(path) and source.place(path) not in READERS
    ]

    assert reading == []


def reads_environment(path: Path) -> bool:
    return any(
        isinstance(node, ast.Attribute) and ast.unparse(node) in ("os.environ", "os.getenv")
        for node in ast.walk(source.tree(path))
    )


def listed() -> list[str]:
    return LISTED.findall((source.ROOT / "docs" / "settings.md").read_text())
