"""Judging a whole document: its form, its graph, its calls and its expressions, all at once.

Floor 1, pure. Ten thousand steps take less than a second (`python -m benchmarks.definitions`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from actions import expressions
from actions.canonical import pointer_to
from actions.expressions import MAX_EXPRESSIONS, ExpressionFailed
from actions.jsontypes import JSONObject
from workflows import values
from workflows.definition import (
    ActionStep,
    ApprovalStep,
    Call,
    CallingStep,
    ConcurrencyKey,
    Definition,
    MapStep,
    Reading,
    Step,
    SwitchStep,
    WaitStep,
    read,
    scope,
)
from workflows.graph import Ancestry, graph_of
from workflows.validation.asking import check_asked, check_events
from workflows.validation.calls import Calls
from workflows.validation.findings import Findings, Path, Report
from workflows.validation.schemas import sound
from workflows.validation.scopes import Scope, Shapes
from workflows.validation.shapes import Shape, in_words
from workflows.validation.structure import check_graph
from workflows.validation.surroundings import KnownAction, Surroundings
from workflows.validation.uses import Place, Uses


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What an expression must give: of which types, and how it is read when it is run."""

    types: frozenset[str]
    read: Callable[[str, Any], object] | None = None


_CONDITION = _Wanted(frozenset({"boolean"}))
_LIST = _Wanted(frozenset({"array"}))
_NAME = _Wanted(frozenset({"string", "integer"}))
_DOWNSTREAM = _Wanted(_NAME.types, values.idempotency_key)
_KEY = _Wanted(_NAME.types, values.concurrency_key)
_PRIORITY = _Wanted(frozenset({"integer"}), values.priority)
_SPAN = _Wanted(frozenset({"integer", "number"}), values.span)
_MOMENT = _Wanted(frozenset({"string"}), values.moment)


def validate(document: JSONObject, surroundings: Surroundings) -> Report:
    """Everything that is wrong with a document, or doubtful, against what there is."""
    return judge(read(document), surroundings)


def judge(reading: Reading, surroundings: Surroundings) -> Report:
    """The same for a document that has been read."""
    findings = Findings()
    findings.take(reading.problems)
    definition = sound(reading.definition, findings)
    graph = graph_of(definition)
    check_graph(definition, graph, findings, unread=reading.unread)
    check_events(definition, findings)
    uses = Uses(
        definition,
        Shapes(definition, surroundings),
        Ancestry(
            graph, impatient={one.name for one in definition.steps.values() if one.join == "any"}
        ),
        findings=findings,
        unread=reading.unread,
    )
    calls = Calls(uses, surroundings, findings=findings)
    judgement = _Judgement(definition, uses, calls, findings=findings, surroundings=surroundings)
    for step in definition.steps.values():
        judgement.of_step(step)
    judgement.of_run()
    return findings.report()


class _Judgement:
    """Goes through a definition; each part is judged by its room."""

    def __init__(
        self,
        definition: Definition,
        uses: Uses,
        calls: Calls,
        *,
        findings: Findings,
        surroundings: Surroundings,
    ) -> None:
        self._definition = definition
        self._uses = uses
        self._calls = calls
        self._findings = findings
        self._surroundings = surroundings

    def of_step(self, step: Step) -> None:
        """Judge what stands in one step."""
        at: Path = ("steps", step.name)
        seen = Scope(names=scope.STEP, step=step.name)
        if step.when is not None:
            self._expression(step.when, (*at, "when"), seen, wanted=_CONDITION)
        match step:
            case CallingStep():
                self._calling(step, at, seen)
            case WaitStep():
                self._wait(step, at, seen)
            case ApprovalStep():
                self._template(step.message, (*at, "approval", "message"), seen)
                check_asked(step, self._surroundings, self._findings)
            case SwitchStep():
                for index, case in enumerate(step.cases):
                    place = (*at, "switch", index, "when")
                    self._expression(case.when, place, seen, wanted=_CONDITION)

    def of_run(self) -> None:
        """Judge what stands beside the steps."""
        definition = self._definition
        if definition.concurrency_key is not None:
            self._key(definition.concurrency_key, (), Scope(names=scope.RUN_STARTS))
        if definition.failure_handler is not None:
            handler_sees = Scope(names=scope.FAILED)
            self._call(definition.failure_handler, ("failure_handler",), handler_sees)
        self._template(definition.result, ("result",), Scope(names=scope.STEP))

    def _calling(self, step: CallingStep, at: Path, seen: Scope) -> None:
        if isinstance(step, MapStep):
            self._map(step, at, seen)
        else:
            self._warn_of_repeats(step, self._call(step.call, at, seen), at)
        if isinstance(step.priority, str):
            self._expression(step.priority, (*at, "priority"), seen, wanted=_PRIORITY)
        if step.idempotency_key is not None:
            names = scope.ELEMENT if isinstance(step, MapStep) else scope.STEP
            inner = Scope(names=names, step=step.name)
            place = (*at, "idempotency_key")
            self._expression(step.idempotency_key, place, inner, wanted=_DOWNSTREAM)
        if step.concurrency_key is not None:
            self._key(step.concurrency_key, at, seen)
            if step.call.called == "workflow":
                detail = (
                    "Counts executions of actions; give the workflow a concurrency key instead."
                )
                self._findings.error((*at, "concurrency_key"), "not-for-workflows", detail)
        if step.compensate is not None:
            after = Scope(names=scope.STEP, step=step.name, is_after=True)
            self._call(step.compensate, (*at, "compensate"), after)

    def _map(self, step: MapStep, at: Path, seen: Scope) -> None:
        inside = (*at, "map")
        listed = self._expression(step.over, (*inside, "over"), seen, wanted=_LIST)
        inner = Scope(names=scope.ELEMENT, step=step.name, element=listed.element())
        self._warn_of_repeats(step, self._call(step.call, inside, inner), at)
        if step.item_key is not None:
            self._expression(step.item_key, (*inside, "item_key"), inner, wanted=_NAME)

    def _wait(self, step: WaitStep, at: Path, seen: Scope) -> None:
        if isinstance(step.duration, str):
            self._expression(step.duration, (*at, "wait", "for"), seen, wanted=_SPAN)
        if step.until is not None:
            self._expression(step.until, (*at, "wait", "until"), seen, wanted=_MOMENT)

    def _key(self, key: ConcurrencyKey, at: Path, seen: Scope) -> None:
        self._expression(key.key, (*at, "concurrency_key", "key"), seen, wanted=_KEY)

    def _call(self, call: Call, at: Path, seen: Scope) -> KnownAction | None:
        if call.called == "workflow" and call.name == self._definition.workflow:
            detail = "Calls itself, and so would never end; use a map, or another workflow."
            self._findings.error((*at, "workflow"), "circle", detail)
            return None
        return self._calls.judge(call, at, seen)

    def _expression(self, source: str, at: Path, seen: Scope, *, wanted: _Wanted) -> Shape:
        value = self._uses.judge(source, Place(at=at, scope=seen))
        if not value.types & wanted.types:
            detail = f"Must give {in_words(wanted.types)}, but gives {in_words(value.types)}."
            self._findings.error(at, "type", detail)
        elif wanted.read is not None:
            try:
                for constant in value.constants:
                    wanted.read(source, constant)
            except ExpressionFailed as failed:
                self._findings.error(at, "expression-failed", failed.detail)
        return value

    def _template(self, document: Any, at: Path, seen: Scope) -> None:
        found, problems = expressions.embedded(document)
        for one in problems:
            self._findings.error(pointer_to(at) + one.pointer, one.code, one.detail)
        if len(found) > MAX_EXPRESSIONS:
            detail = (
                f"There are {len(found):,} texts with expressions of at most {MAX_EXPRESSIONS}."
            )
            self._findings.error(at, "too-many-expressions", detail)
        for text in found:
            for source in text.sources:
                self._uses.judge(source, Place(at=(*at, *text.path), scope=seen))

    def _warn_of_repeats(self, step: CallingStep, action: KnownAction | None, at: Path) -> None:
        """An effect that must not happen twice, in a step that asks for more attempts."""
        if not isinstance(step, ActionStep | MapStep) or step.retry is None or action is None:
            return
        if step.retry.max_attempts > 1 and not action.may_repeat:
            detail = (
                f"{action.name} reaches outside and is not repeatable: it is tried again only after "
                "failures that say that nothing has happened; make it repeatable if the service "
                "heeds the idempotency key."
            )
            self._findings.warn((*at, "retry"), "not-repeatable", detail)
