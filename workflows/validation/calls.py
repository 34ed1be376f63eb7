"""Judging calls: whether the action or workflow is there, and whether the params can fit it.

Floor 1, pure. What is static is tested against the schema; of what an expression gives, its types.
Whether something static fits is asked of jsonschema-rs first, words come from `actions.schema`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import jsonschema_rs

from actions import expressions, masking, names, schema
from actions.canonical import pointer_to
from actions.expressions import MAX_EXPRESSIONS, Embedded
from actions.jsontypes import JSONObject
from workflows.definition import Call
from workflows.validation.findings import Findings, Path
from workflows.validation.scopes import Scope
from workflows.validation.shapes import ANYTHING, Shape, in_words, shape_of
from workflows.validation.surroundings import KnownAction, KnownWorkflow, Surroundings
from workflows.validation.uses import Place, Uses

_STRING = frozenset({"string"})


@dataclass(frozen=True, kw_only=True, slots=True)
class _Target:
    """What is called, and how its params are tested; `part` is the schema without what it requires."""

    known: KnownAction | KnownWorkflow
    params: Shape
    part: JSONObject
    fitting: Any


class Calls:
    """Judges the calls of one definition."""

    def __init__(self, uses: Uses, surroundings: Surroundings, *, findings: Findings) -> None:
        self._uses = uses
        self._surroundings = surroundings
        self._findings = findings
        self._targets: dict[tuple[str, str], _Target | None] = {}
        self._wanted: dict[tuple[str, str, Path], Shape | None] = {}

    def judge(self, call: Call, at: Path, scope: Scope) -> KnownAction | None:
        """Judge a call that stands at a place; the action, if it is one and there."""
        target = self._target(call)
        if target is None:
            known = self._surroundings.actions if call.called == "action" else ()
            hint = self._findings.hint(call.name, known)
            detail = f"There is no {call.called} {call.name}; define it first, or correct the name.{hint}"
            self._findings.error((*at, call.called), f"unknown-{call.called}", detail)
        found, problems = expressions.embedded(call.params)
        params_at = (*at, "params")
        for one in problems:
            self._findings.error(pointer_to(params_at) + one.pointer, one.code, one.detail)
        if len(found) > MAX_EXPRESSIONS:
            detail = (
                f"There are {len(found):,} texts with expressions of at most {MAX_EXPRESSIONS}."
            )
            self._findings.error(params_at, "too-many-expressions", detail)
        for text in found:
            self._judge_text(text, params_at, (target, scope))
        if target is not None and not target.known.is_enabled:
            detail = f"{call.name} is disabled: the step would wait or fail; enable it first."
            self._findings.warn((*at, call.called), "disabled", detail)
        exempt = self._check_references(call, target, at=params_at)
        if target is not None:
            filled = {text.path[0] for text in found if text.path}
            self._check_static(call, target, at=params_at, filled=filled, exempt=exempt)
        return target.known if target and isinstance(target.known, KnownAction) else None

    def _target(self, call: Call) -> _Target | None:
        key = (call.called, call.name)
        if key not in self._targets:
            self._targets[key] = self._made_target(call)
        return self._targets[key]

    def _made_target(self, call: Call) -> _Target | None:
        known: KnownAction | KnownWorkflow | None
        if call.called == "action":
            known = self._surroundings.actions.get(call.name)
        else:
            known = self._surroundings.workflows.get(call.name)
        if known is None:
            return None
        part = {**known.params_schema, "required": []}
        return _Target(
            known=known, params=shape_of(known.params_schema), part=part, fitting=_fitting(part)
        )

    def _judge_text(self, text: Embedded, at: Path, context: tuple[_Target | None, Scope]) -> None:
        target, scope = context
        place = (*at, *text.path)
        wanted = self._wanted_at(target, text.path) if target else ANYTHING
        if wanted is None:
            name = target.known.name if target else ""
            self._findings.error(place, "unknown-field", f"{name} has no such param; drop it.")
            wanted = ANYTHING
        takes_secret = text.is_alone and wanted.is_secret
        given = ANYTHING
        for source in text.sources:
            given = self._uses.judge(
                source, Place(at=place, scope=scope, takes_secret=takes_secret)
            )
        types = given.types if text.is_alone else _STRING
        if not types & wanted.types:
            detail = f"Must be {in_words(wanted.types)}, but this gives {in_words(types)}."
            self._findings.error(place, "type", detail)

    def _wanted_at(self, target: _Target, path: Path) -> Shape | None:
        key = (type(target.known).__name__, target.known.name, path)
        if key not in self._wanted:
            self._wanted[key] = _at(target.params, path)
        return self._wanted[key]

    def _check_static(
        self, call: Call, target: _Target, *, at: Path, filled: set[Any], exempt: tuple[str, ...]
    ) -> None:
        """Test what no expression fills in, and whether all is there that must be."""
        static = {name: value for name, value in call.params.items() if name not in filled}
        for name in sorted(target.params.required - call.params.keys()):
            inner = target.params.member(name)
            if inner is None or not inner.has_default:
                detail = f"Is required by the {call.called} {call.name}."
                self._findings.error((*at, name), "required", detail)
        if target.fitting is not None and target.fitting.is_valid(static):
            return
        if not self._findings.has_room:
            self._findings.error(at, "params-invalid", "Do not fit the schema.")
            return
        for one in schema.violations(target.part, static, at=pointer_to(at)):
            # What is said of the whole may be about what is still to be filled in.
            is_open = one.pointer == pointer_to(at) and filled
            if not is_open and not f"{one.pointer}/".startswith(exempt):
                self._findings.error(one.pointer, one.code, one.detail)

    def _check_references(self, call: Call, target: _Target | None, *, at: Path) -> tuple[str, ...]:
        """Secrets must exist, stand where one may, and be this action's to read.

        Returns the beginnings of the pointers into those that stand where one may.
        """
        if not any(isinstance(value, dict | list) for value in call.params.values()):
            return ()
        places = list(_references(call.params))
        if not places:
            return ()
        marked = masking.split(call.params, target.known.params_schema if target else None)
        allowed = {one.path for one in marked.references}
        for path, name in places:
            if target is not None and path not in allowed:
                detail = 'A secret may stand only where the schema marks the param as "x-secret".'
                self._findings.error((*at, *path), "secret-exposed", detail)
            else:
                self._check_secret(name, call, (*at, *path))
        return tuple(f"{pointer_to((*at, *path))}/" for path in allowed)

    def _check_secret(self, name: str, call: Call, at: Path) -> None:
        patterns = self._surroundings.secrets.get(name)
        if patterns is None:
            detail = f"There is no secret {name[:63]!r}; set it first, or correct the name."
            self._findings.error(at, "secret-not-found", detail)
        elif call.called == "action" and not names.fits(call.name, patterns):
            detail = f"The secret {name} is not for the action {call.name}; allow it there."
            self._findings.error(at, "secret-not-allowed", detail)


def _at(shape: Shape, path: Path) -> Shape | None:
    """What the schema says of the place in the params; None if nothing may stand there."""
    for token in path:
        inner = shape.element() if isinstance(token, int) else shape.member(token)
        if inner is None:
            return None
        shape = inner
    return shape


def _references(value: Any) -> Iterator[tuple[Path, str]]:
    """Where a document has a reference to a secret, and which."""
    pending: list[tuple[Path, Any]] = [((), value)]
    while pending:
        at, current = pending.pop()
        if masking.is_reference(current):
            yield at, current[masking.REFERENCE]
        elif isinstance(current, dict):
            pending += [((*at, name), member) for name, member in current.items()]
        elif isinstance(current, list):
            pending += [((*at, index), element) for index, element in enumerate(current)]


def _fitting(part: JSONObject) -> Any:
    """A quick test for the schema, or None where the library cannot read it."""
    try:
        return jsonschema_rs.validator_for(part, validate_formats=True)
    except ValueError:
        return None
