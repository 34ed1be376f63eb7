"""What a declaration may say, and what it is told when it may not."""

from typing import Any

import pytest

from actions import Context, action, registry
from actions.errors import DefinitionInvalid


@pytest.fixture(autouse=True)
def alone():
    with registry.isolated():
        yield


def declare(name: str = "probe-declared", **more: Any) -> registry.ActionSpec:
    @action(name, **{"effect": "none", **more})
    def body(ctx: Context, *, amount: int = 1) -> int:
        """Say how much."""
        return amount

    return registry.all_specs()[name]


def test_the_schemas_and_the_description_come_from_the_function():
    spec = declare()

    assert spec.params_schema["properties"]["amount"]["type"] == "integer"
    assert spec.result_schema["type"] == "integer"
    assert spec.description == "Say how much."
    assert not spec.is_async


def test_the_digest_changes_with_anything_that_is_declared():
    declared = ({}, {"timeout": 3}, {"queue": "slow"}, {"key_retention": "forever"})

    assert len({declare(**more).digest for more in declared}) == len(declared)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"name": "Not A Name"}, "action name"),
        ({"effect": "maybe"}, "effect of the action probe-declared is 'maybe'"),
        ({"idempotency": "often"}, "idempotency"),
        ({"queue": "No Queue"}, "queue"),
        ({"key_retention": 0}, "key_retention of the action probe-declared is 0"),
        ({"key_retention": True}, "key_retention"),
        ({"key_retention": 30.0}, "key_retention"),
        ({"key_retention": "30"}, "key_retention"),
        ({"timeout": 0}, "timeout"),
        ({"timeout": -3}, "timeout"),
        ({"retry": {"max_attempts": 0}}, "max_attempts"),
        ({"retry": {"tries": 3}}, "tries"),
        ({"params": {"type": "no such type"}}, "schema"),
    ],
)
def test_what_cannot_be_is_refused_by_name(more, says):
    with pytest.raises(DefinitionInvalid, match=says):
        declare(**more)


def test_two_functions_cannot_have_one_name():
    declare()

    with pytest.raises(DefinitionInvalid, match="declared twice"):

        @action("probe-declared", effect="none")
        def other(ctx: Context) -> None:
            """Be somebody else."""


def test_a_coroutine_cannot_be_transactional():
    with pytest.raises(DefinitionInvalid, match="coroutine and transactional"):

        @action("probe-both", effect="transactional")
        async def both(ctx: Context) -> None:
            """Be both."""
