"""Judging whom an approval asks.

Floor 1, pure.
"""

from workflows.definition import ApprovalStep
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
