"""Judging whom an approval asks, and what events bring.

Floor 1, pure.
"""

from actions import canonical
from actions.canonical import pointer_to
from workflows.definition import ApprovalStep, Definition, EventStep
from workflows.validation.findings import Findings, Path
from workflows.validation.surroundings import Surroundings


def check_asked(step: ApprovalStep, surroundings: Surroundings, findings: Findings) -> None:
    """Somebody must be asked; roles must exist, people may come later."""
    at: Path = ("steps", step.name, "approval")
    if not step.roles and not step.users:
        findings.error(at, "nobody-asked", "Nobody may answer; name roles or users.")
    roles, users = surroundings.roles, surroundings.users
    for index, role in enumerate(step.roles):
        if roles is not None and role not in roles:
            known = ", ".join(sorted(roles))
            detail = f"There is no role {role!r}; use one of {known}.{findings.hint(role, roles)}"
            findings.error((*at, "roles", index), "unknown-role", detail)
    for index, user in enumerate(step.users):
        if users is not None and user not in users:
            detail = (
                f"There is nobody called {user!r} who can sign in; correct the name, or add them."
            )
            findings.warn((*at, "users", index), "unknown-user", detail)


def check_events(definition: Definition, findings: Findings) -> None:
    """Steps that wait for one event hear the same: a payload that fits one must fit all."""
    first: dict[str, tuple[EventStep, bytes]] = {}
    for step in definition.steps.values():
        if not isinstance(step, EventStep):
            continue
        schema = canonical.canonical(step.payload)
        other, known = first.setdefault(step.event, (step, schema))
        if schema != known:
            _differ(step, other, findings)
            _differ(other, step, findings)


def _differ(step: EventStep, other: EventStep, findings: Findings) -> None:
    place = pointer_to(("steps", other.name, "event", "payload"))
    detail = (
        f"The payload of an event {step.event} must fit every step that waits for one, and {place} is "
        "another schema; let both be the same, or give the events different names."
    )
    findings.error(("steps", step.name, "event", "payload"), "payloads-differ", detail)
