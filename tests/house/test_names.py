"""One word per thing: names that could mean anything are refused."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.house import source

ROOM_NAMES = {"utils", "util", "helpers", "common", "services", "managers", "base", "misc"}
VAGUE_NAMES = {"job", "process", "handle", "manage", "do", "data", "info", "item", "obj"}

# Names that somebody else's interface prescribes, and whose: the end of the file's path, the name.
PRESCRIBED = {
    ("management/commands/*.py", "handle"): "Django calls a command's handle()",
    ("actions/models/audit.py", "data"): "contract of the API: an event carries data",
    ("actions/models/holder.py", "data"): "contract of the API: an event carries data",
    ("actions/models/record.py", "data"): "contract of the API: an event carries data",
    ("workflows/models/record.py", "data"): "contract of the API: an event carries data",
    ("actions/policy.py", "do"): "contract of the retry policy: a rule says what to do",
    ("actions/context.py", "info"): "a log has a level of that name",
    ("actions/api/rendering.py", "data"): "the REST framework's name for what is rendered",
    ("do_sdk/client.py", "Do"): "contract of the clients: a = Do(key)",
    ("do_sdk/client.py", "Handle"): "contract of the clients: start() returns a handle",
    ("do_sdk/records.py", "data"): "contract of the API: an event carries data",
    ("do_sdk/records.py", "handle"): "contract of the clients: Pending carries a handle",
    ("do_sdk/*_line.py", "handle"): "the same",
    ("do_sdk/testing.py", "do"): "the fake's counterpart of Do",
    ("conformance/conftest.py", "do"): "the client, as its users name it",
    ("conformance/test_*.py", "do"): "the same",
    ("tests/sdk/*.py", "do"): "the same",
    ("conformance/test_*.py", "handle"): "contract of the clients: start() returns a handle",
    ("tests/sdk/*.py", "handle"): "the same",
    ("workflows/api/rendering.py", "data"): "the REST framework's name for what is rendered",
    ("workflows/broker.py", "info"): "django-q2 asks its broker for it",
}


def test_no_room_is_called_utils_or_the_like():
    vague = [
        source.place(path)
        for path in source.files(".py", under=(*source.ROOMS, "tests"))
        if ROOM_NAMES & {path.stem, *path.relative_to(source.ROOT).parent.parts}
    ]

    assert not vague, source.listed(vague)


def test_no_name_could_mean_anything():
    vague = [
        f"{source.place(path, line)} {name}"
        for path in source.files(".py", under=(*source.ROOMS, "tests"))
        for line, name in defined_names(path)
        if name.lower() in VAGUE_NAMES and not is_prescribed(path, name)
    ]

    assert not vague, source.listed(vague)


def test_a_test_is_named_by_a_sentence():
    terse = [
        f"{source.place(path, function.lineno)} {function.name}"
        for path in source.files(".py", under=("tests",))
        for function in source.functions(path)
        if function.name.startswith("test_") and function.name.count("_") < 3
    ]

    assert not terse, source.listed(terse)


def is_prescribed(path: Path, name: str) -> bool:
    return any(name == allowed and path.match(pattern) for pattern, allowed in PRESCRIBED)


def defined_names(path: Path) -> Iterator[tuple[int, str]]:
    """What a file names itself: functions, classes, arguments, variables and attributes."""
    for node in ast.walk(source.tree(path)):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.lineno, node.name
            case ast.arg():
                yield node.lineno, node.arg
            case ast.Name(ctx=ast.Store()):
                yield node.lineno, node.id
            case ast.Attribute(ctx=ast.Store()):
                yield node.lineno, node.attr
