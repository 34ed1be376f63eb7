"""Judging the graph: whether every step can come to its turn.

Floor 1, pure.
"""

from workflows.definition import Definition, SwitchStep
from workflows.graph import Graph
from workflows.validation.findings import Findings

_MAX_MEMBERS = 10


def check_graph(
    definition: Definition, graph: Graph, findings: Findings, *, unread: frozenset[str]
) -> None:
    """Names that no step has, circles, and steps that nothing leads to."""
    known = definition.steps.keys() | unread
    for name, step in definition.steps.items():
        for place, target in _named(definition, name):
            if target not in known:
                hint = findings.hint(target, definition.steps)
                detail = f"There is no step {target}; add it, or correct the name.{hint}"
                findings.error(("steps", name, *place), "unknown-step", detail)
        if step.when is not None and step.when.strip() == "false":
            detail = "Never comes to its turn: its condition is false; drop the step or correct it."
            findings.warn(("steps", name, "when"), "unreachable", detail)
        if isinstance(step, SwitchStep):
            _check_cases(step, findings)
    _check_circles(graph, findings)


def _named(definition: Definition, name: str) -> list[tuple[tuple[str | int, ...], str]]:
    """The steps that one names, and where; as written, so without the switches that name it."""
    step = definition.steps[name]
    if not isinstance(step, SwitchStep):
        own = step.after
        return [(("after", index), one) for index, one in enumerate(own)]
    found: list[tuple[tuple[str | int, ...], str]] = [
        (("after", index), one) for index, one in enumerate(step.after)
    ]
    for place, case in enumerate(step.cases):
        found += [(("switch", place, "then", index), one) for index, one in enumerate(case.then)]
    return found + [(("otherwise", index), one) for index, one in enumerate(step.otherwise)]


def _check_cases(step: SwitchStep, findings: Findings) -> None:
    always = next((i for i, case in enumerate(step.cases) if case.when.strip() == "true"), None)
    if always is not None and always + 1 < len(step.cases):
        detail = "Is never taken: the case before is always true; put it first, or drop it."
        findings.warn(("steps", step.name, "switch", always + 1), "unreachable", detail)


def _check_circles(graph: Graph, findings: Findings) -> None:
    circle = graph.circle()
    if not circle:
        return
    shown = " → ".join((*circle[:_MAX_MEMBERS], *(("…",) if len(circle) > _MAX_MEMBERS else ())))
    detail = f"These steps wait for one another: {shown} → {circle[0]}; drop one `after`."
    findings.error(("steps", circle[0], "after"), "circle", detail)
    stuck = graph.before.keys() - set(graph.order) - set(circle)
    for name in graph.before:
        if name in stuck:
            detail = "Never comes to its turn: it waits for steps that wait for one another."
            findings.error(("steps", name, "after"), "unreachable", detail)
