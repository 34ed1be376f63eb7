"""The schemas that a document carries: the run's params, forms of approvals, payloads of events.

Floor 1, pure. To check one takes about a millisecond, so equal ones are checked once, and there is a
bound on the others.
"""

from collections.abc import Iterator
from dataclasses import replace

from actions import canonical, schema
from actions.canonical import pointer_to
from actions.jsontypes import JSONObject
from actions.schema import SchemaInvalid
from workflows.definition import ApprovalStep, Definition, EventStep
from workflows.validation.findings import Findings, Path
from workflows.validation.shapes import shape_of

MAX_SCHEMAS = 500
# What is always an object; an event may bring anything.
_OBJECTS = {"params": "what a run is started with", "form": "an answer"}


def sound(definition: Definition, findings: Findings) -> Definition:
    """The definition without the schemas that cannot be used, which are told as errors."""
    wrong = set(_wrong(definition, findings))
    if not wrong:
        return definition
    steps = dict(definition.steps)
    for name, step in steps.items():
        if ("steps", name, "approval", "form") in wrong and isinstance(step, ApprovalStep):
            steps[name] = replace(step, form={})
        if ("steps", name, "event", "payload") in wrong and isinstance(step, EventStep):
            steps[name] = replace(step, payload={})
    params = {} if ("params",) in wrong else definition.params_schema
    return replace(definition, steps=steps, params_schema=params)


def _wrong(definition: Definition, findings: Findings) -> Iterator[Path]:
    """The places of the schemas that cannot be used."""
    checked: dict[bytes, SchemaInvalid | None] = {}
    for path, given in _schemas(definition):
        text = canonical.canonical(given)
        if text not in checked and len(checked) >= MAX_SCHEMAS:
            detail = f"There are more than {MAX_SCHEMAS} different schemas; use some of them again."
            findings.error("", "too-many-schemas", detail)
            yield path
            continue
        if text not in checked:
            checked[text] = _misuse(given)
        misuse = checked[text]
        if misuse is not None:
            findings.error(pointer_to(path) + misuse.pointer, "schema-invalid", misuse.detail)
            yield path
        elif path[-1] in _OBJECTS and "object" not in shape_of(given).types:
            detail = f"No object fits it, but {_OBJECTS[path[-1]]} is one; describe an object."
            findings.error((*path, *(("type",) if "type" in given else ())), "type", detail)
            yield path


def _misuse(given: JSONObject) -> SchemaInvalid | None:
    try:
        schema.check(given)
        schema.check_marks(given)
    except SchemaInvalid as wrong:
        return wrong
    return None


def _schemas(definition: Definition) -> Iterator[tuple[Path, JSONObject]]:
    yield ("params",), definition.params_schema
    for name, step in definition.steps.items():
        if isinstance(step, ApprovalStep):
            yield ("steps", name, "approval", "form"), step.form
        if isinstance(step, EventStep):
            yield ("steps", name, "event", "payload"), step.payload
