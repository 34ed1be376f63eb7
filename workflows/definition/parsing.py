"""From a document to a definition, or to everything that is wrong with its form.

Floor 1, pure. Whether a document has the right form is asked of jsonschema-rs, which takes
microseconds for a step; only what does not fit is told in words, by `actions.schema`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import jsonschema_rs

from actions import canonical, expressions, schema
from actions.errors import DefinitionInvalid, FieldProblem
from actions.jsontypes import JSONObject
from actions.policy import PolicyInvalid
from workflows.definition.building import MAX_STEPS, STEP_NAME
from workflows.definition.definition import Definition
from workflows.definition.document import FRAME
from workflows.definition.kinds import KINDS
from workflows.definition.reading import retry_policy, run_settings, step_of, with_switches
from workflows.definition.steps import Step

# Words cost a thousand times what the test does; whoever has so many mistakes needs no more.
_MAX_TOLD = 200
_MAX_SHOWN = 120
_STEP_NAME = re.compile(STEP_NAME.removesuffix("$"), re.ASCII)
_FITTING_FRAME = jsonschema_rs.validator_for(FRAME)
_FITTING = {kind: jsonschema_rs.validator_for(one) for kind, one in KINDS.items()}


@dataclass(kw_only=True, slots=True)
class Reading:
    """What could be read of a document; the definition is complete if there is no problem.

    `unread` are the names of steps whose form is wrong, which the definition does not have.
    """

    definition: Definition
    problems: list[FieldProblem] = field(default_factory=list)
    unread: frozenset[str] = frozenset()


def parse(document: JSONObject) -> Definition:
    """The definition that a document of the right form stands for.

    Raises DefinitionInvalid, whose `errors` are all that is wrong with the form.
    """
    found = read(document)
    if found.problems:
        raise refusal(found.problems)
    return found.definition


def read(document: JSONObject) -> Reading:
    """As much of the document as can be read, and what is wrong with the form of the rest."""
    problems = _frame_problems(document)
    wrong = {problem.pointer.split("/")[1] for problem in problems if problem.pointer}
    frame = {name: value for name, value in document.items() if name not in wrong}
    named = frame.get("steps", {})
    steps: dict[str, Step] = {}
    for name, given in named.items() if isinstance(named, Mapping) else ():
        found = _step_problems(name, given, is_brief=len(problems) >= _MAX_TOLD)
        problems += found
        if not found and isinstance(given, Mapping):
            steps[name] = step_of(name, given)
    definition = Definition(document=document, steps=with_switches(steps), **run_settings(frame))
    unread = frozenset(named) - steps.keys() if isinstance(named, Mapping) else frozenset()
    return Reading(definition=definition, problems=problems, unread=unread)


def refusal(problems: list[FieldProblem]) -> DefinitionInvalid:
    """The refusal of a document for these problems."""
    more = f" ({len(problems) - 1} more)" if len(problems) > 1 else ""
    told = canonical.told(problems[0])
    return DefinitionInvalid(f"The definition is refused. {told}{more}", errors=problems)


def _frame_problems(document: JSONObject) -> list[FieldProblem]:
    problems = _misfits(_FITTING_FRAME, FRAME, document, at="")
    count = len(steps) if isinstance(steps := document.get("steps"), Mapping) else 0
    if count > MAX_STEPS:
        detail = f"There are {count:,} steps of at most {MAX_STEPS:,}; use a sub-workflow or a map."
        problems.append(_problem("/steps", "too-many-steps", detail))
    handler = document.get("failure_handler")
    return problems + _call_problems(handler, "/failure_handler")


def _step_problems(name: str, given: Any, *, is_brief: bool) -> list[FieldProblem]:
    at = f"/steps/{name}"
    if not _STEP_NAME.fullmatch(name) or name in expressions.WORDS:
        detail = (
            "Cannot be the name of a step; use up to 63 lower-case letters, digits and _, and no "
            "word of CEL."
        )
        at = f"/steps{canonical.pointer_to([name[:_MAX_SHOWN]])}"
        return [_problem(at, "name-not-allowed", detail)]
    if not isinstance(given, Mapping):
        return schema.violations({"type": "object"}, given, at=at)
    kinds = [kind for kind in KINDS if kind in given]
    if len(kinds) != 1:
        return [_problem(at, "kind-unclear", _kinds_detail(kinds))]
    kind = kinds[0]
    found = _misfits(_FITTING[kind], {} if is_brief else KINDS[kind], given, at=at)
    return found or _more_problems(kind, given, at)


def _more_problems(kind: str, given: Mapping[str, Any], at: str) -> list[FieldProblem]:
    """What the schema of the step cannot say."""
    if kind == "map":
        return _call_problems(given["map"], f"{at}/map") + _retry_problems(given, at)
    if kind == "wait" and len(given["wait"]) != 1:
        return [_problem(f"{at}/wait", "one-of-two", "Give for or until, one of them.")]
    return _retry_problems(given, at)


def _retry_problems(given: Mapping[str, Any], at: str) -> list[FieldProblem]:
    if "retry" not in given:
        return []
    try:
        retry_policy(given)
    except PolicyInvalid as wrong:
        place = re.sub(r"[\[.]", "/", wrong.field.replace("]", ""))
        detail = f"{wrong.detail[:1].upper()}{wrong.detail[1:]}."
        return [_problem(f"{at}/retry/{place}".rstrip("/"), "not-allowed", detail)]
    return []


def _call_problems(given: Any, at: str) -> list[FieldProblem]:
    if not isinstance(given, Mapping) or ("action" in given) != ("workflow" in given):
        return []
    return [_problem(at, "one-of-two", "Give action or workflow, one of them.")]


def _kinds_detail(kinds: list[str]) -> str:
    if kinds:
        return f"Is {' and '.join(kinds)} at once; keep one, and make another step of the other."
    return f"Does not say what it does; give one of {', '.join(KINDS)}."


def _misfits(fitting: Any, shape: Any, value: Any, *, at: str) -> list[FieldProblem]:
    if fitting.is_valid(value):
        return []
    # What was one too many to be told, or only the other library minds, a line break at the end of a name say, has no words.
    unsaid = _problem(at, "not-allowed", "Does not fit the schema of a workflow.")
    return schema.violations(shape, value, at=at) or [unsaid]


def _problem(pointer: str, code: str, detail: str) -> FieldProblem:
    return FieldProblem(pointer=pointer, code=code, detail=detail)
