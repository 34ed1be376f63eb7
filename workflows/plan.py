"""A definition made ready to run: its graph, its expressions, and what each of them needs.

Floor 1, pure.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from actions import expressions
from actions.expressions import Expression, Template
from actions.jsontypes import JSON, JSONObject
from workflows.definition import (
    ActionStep,
    ApprovalStep,
    Call,
    CallingStep,
    Definition,
    MapStep,
    Step,
    SwitchStep,
    WaitStep,
    WorkflowStep,
    parse,
)
from workflows.definition.scope import ELEMENT, FAILED, STEP
from workflows.graph import Graph, graph_of
from workflows.states import ADDED, HANDLER, UNDO

# What is wider than the bounds of expressions: the elements of a map.
MAX_MAP_BYTES = 4 * 1024 * 1024
_MENTIONED = re.compile(r"(?<![\w.])steps\s*\.\s*([a-z][a-z0-9_]*)", re.ASCII)


class Plan:
    """One version of a workflow, compiled as far as it has been needed."""

    def __init__(self, document: JSONObject) -> None:
        self.definition: Definition = parse(document)
        self.graph: Graph = graph_of(self.definition)
        self._expressions: dict[tuple[str, tuple[str, ...]], Expression] = {}
        self._templates: dict[tuple[str, str], Template] = {}
        self._needs: dict[str, frozenset[str]] = {}

    def step(self, name: str) -> Step:
        """What the definition says of a step, or of what undoes it or handles the failure."""
        return self.handler(name) if name.startswith(ADDED) else self.definition.steps[name]

    def handler(self, name: str) -> CallingStep:
        """What undoes a step, or handles the failure of the run."""
        call = self._handler(name)
        if call is None:
            raise LookupError(f"{self.definition.workflow} has no {name}.")
        made = ActionStep if call.called == "action" else WorkflowStep
        return made(name=name, call=call)

    def _handler(self, name: str) -> Call | None:
        if name == HANDLER:
            return self.definition.failure_handler
        undone = self.definition.steps[name.removeprefix(UNDO)]
        return undone.compensate if isinstance(undone, CallingStep) else None

    @cached_property
    def turns(self) -> Mapping[str, int]:
        """The place of each step in an order in which it comes after all that it waits for."""
        return {name: place for place, name in enumerate(self.graph.order)}

    @cached_property
    def actions(self) -> frozenset[str]:
        """The names of the actions that its steps call."""
        calls = (
            step.call for step in self.definition.steps.values() if isinstance(step, CallingStep)
        )
        return frozenset(call.name for call in calls if call.called == "action")

    def needs(self, name: str) -> frozenset[str]:
        """The steps whose outcome the expressions of a step speak of."""
        if name not in self._needs:
            self._needs[name] = self._mentioned(_sources_of(self.step(name)))
        return self._needs[name]

    def needs_of(self, source: str) -> frozenset[str]:
        """The same of one expression."""
        return self._mentioned(iter([source]))

    @cached_property
    def result_needs(self) -> frozenset[str]:
        """The same for the result of the run."""
        return self._mentioned(_sources(self.definition.result))

    def evaluate(
        self, source: str, variables: Mapping[str, JSON], *, names: tuple[str, ...] = STEP
    ) -> JSON:
        """The value of an expression; raises ExpressionFailed."""
        return self._compiled(source, names).evaluate(variables)

    def elements(self, step: MapStep, variables: Mapping[str, JSON]) -> JSON:
        """What a map goes over; one that is only named may be larger. Raises ExpressionFailed."""
        return self._compiled(step.over, STEP).evaluate(variables, max_bytes=MAX_MAP_BYTES)

    def params(self, step: CallingStep, variables: Mapping[str, JSON]) -> Any:
        """What the action or workflow of a step is called with; raises ExpressionFailed."""
        key = ("params", step.name)
        return self._rendered(key, step.call.params, variables, names=_names_of(step))

    def names_run(self, step: CallingStep) -> bool:
        """Whether the params of a step speak of the run itself."""
        key = ("params", step.name)
        return "run" in self._template(key, step.call.params, names=_names_of(step)).names

    def may_tell(self, source: str) -> bool:
        """Whether an expression can be evaluated before there is a run: it does not speak of it."""
        return "run" not in self._compiled(source, ELEMENT).names

    def message(self, step: ApprovalStep, variables: Mapping[str, JSON]) -> str:
        """What is asked, as text; raises ExpressionFailed."""
        return self._template(("message", step.name), step.message).text(variables)

    def result(self, variables: Mapping[str, JSON]) -> Any:
        """The result of the run; raises ExpressionFailed."""
        return self._rendered(("result", ""), self.definition.result, variables)

    def _compiled(self, source: str, names: tuple[str, ...]) -> Expression:
        key = (source, names)
        if key not in self._expressions:
            self._expressions[key] = expressions.compiled(source, names=names)
        return self._expressions[key]

    def _rendered(
        self,
        key: tuple[str, str],
        document: Any,
        variables: Mapping[str, JSON],
        *,
        names: tuple[str, ...] = STEP,
    ) -> Any:
        return self._template(key, document, names=names).render(variables)

    def _template(
        self, key: tuple[str, str], document: Any, *, names: tuple[str, ...] = STEP
    ) -> Template:
        if key not in self._templates:
            self._templates[key] = expressions.template(document, names=names)
        return self._templates[key]

    def _mentioned(self, sources: Iterator[str]) -> frozenset[str]:
        codes = (expressions.code_of(source) for source in sources)
        found = {name for code in codes for name in _MENTIONED.findall(code)}
        return frozenset(found & self.definition.steps.keys())


def _names_of(step: CallingStep) -> tuple[str, ...]:
    """The variables that stand in its params."""
    if step.name == HANDLER:
        return FAILED
    return ELEMENT if isinstance(step, MapStep) else STEP


def _sources_of(step: Step) -> Iterator[str]:
    """Every expression of a step."""
    yield step.when or ""
    match step:
        case MapStep():
            yield from (step.over, step.item_key or "")
        case SwitchStep():
            yield from (case.when for case in step.cases)
        case WaitStep():
            yield from (one for one in (step.duration, step.until) if isinstance(one, str))
        case ApprovalStep():
            yield from _sources(step.message)
    if isinstance(step, CallingStep):
        yield from _sources(step.call.params)
        place = step.concurrency_key.key if step.concurrency_key is not None else None
        own = (step.idempotency_key, step.priority, place)
        yield from (one for one in own if isinstance(one, str))


def _sources(document: JSON) -> Iterator[str]:
    """The expressions in the texts of a document."""
    found, _ = expressions.embedded(document)
    return (source for text in found for source in text.sources)
