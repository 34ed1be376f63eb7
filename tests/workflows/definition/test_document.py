"""The schema of the document, and its examples."""

import pytest
from jsonschema import Draft202012Validator

from actions import schema
from workflows.definition import EXAMPLES, SCHEMA, StepKind, parse
from workflows.definition.kinds import KINDS


def test_the_schema_is_a_schema_that_we_would_accept_ourselves():
    Draft202012Validator.check_schema(SCHEMA)

    assert schema.check(SCHEMA) is None


def test_there_is_an_example_of_each_kind():
    assert set(EXAMPLES) == set(KINDS) == {str(kind) for kind in StepKind}


@pytest.mark.parametrize("kind", KINDS)
def test_an_example_fits_the_schema_and_can_be_read(kind):
    document = EXAMPLES[kind]

    definition = parse(document)

    assert schema.violations(SCHEMA, document) == []
    assert kind in {step.kind for step in definition.steps.values()}
