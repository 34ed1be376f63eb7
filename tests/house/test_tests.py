"""Tests wait for events and not for time, and each one can fail."""

import ast

from tests.house import source

# What takes its time on purpose, because a test is about just that: actions, and a slow network.
SLOW_ON_PURPOSE = ("tests/probe/", "tests/faults/proxy.py", "conformance/subject/")
SUITES = ("tests", "conformance")


def test_no_test_sleeps():
    sleeping = [
        source.place(path, call.lineno)
        for path in source.files(".py", under=SUITES)
        if not source.place(path).startswith(SLOW_ON_PURPOSE)
        for call in calls(path)
        if ast.unparse(call.func) in ("time.sleep", "sleep", "asyncio.sleep")
    ]

    assert not sleeping, source.listed(sleeping)


def test_no_test_is_skipped_or_expected_to_fail():
    skipped = [
        source.place(path, node.lineno)
        for path in source.files(".py", under=SUITES)
        for node in ast.walk(source.tree(path))
        if isinstance(node, ast.Attribute) and ast.unparse(node) in SKIPS
    ]

    assert not skipped, source.listed(skipped)


def test_every_test_asserts_something():
    idle = [
        f"{source.place(path, function.lineno)} {function.name}"
        for path in source.files(".py", under=SUITES)
        for function in source.functions(path)
        if function.name.startswith("test_") and not asserts(function)
    ]

    assert not idle, source.listed(idle)


SKIPS = {"pytest.mark.skip", "pytest.skip", "pytest.mark.xfail", "pytest.xfail"}


def calls(path) -> list[ast.Call]:
    return [node for node in ast.walk(source.tree(path)) if isinstance(node, ast.Call)]


def asserts(function: source.Function) -> bool:
    """Whether it has an assertion, expects an error, or calls something that does by its name."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assert) and not isinstance(node.test, ast.Constant):
            return True
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func).rsplit(".", 1)[-1]
            if name in ("raises", "warns", "fail") or name.startswith(
                ("expect", "assert", "check")
            ):
                return True
    return False
