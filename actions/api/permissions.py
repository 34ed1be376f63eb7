"""Who may call what: one row for each address and method. Floor 5.

What has no row is denied, so a new address is closed until somebody has thought about it.
"""

from typing import TYPE_CHECKING

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from actions import access
from actions.errors import InsufficientScope

if TYPE_CHECKING:
    # The framework imports this room before its views are there.
    from rest_framework.views import APIView

# A command answers with what it was given to, as it is by then.
_COMMAND_EXECUTIONS = (access.WRITE_EXECUTIONS, access.READ_EXECUTIONS)
_COMMAND_RUNS = (access.WRITE_RUNS, access.READ_RUNS)
# (route, method): every permission that is needed. HEAD counts as GET.
PERMISSIONS: dict[tuple[str, str], tuple[str, ...]] = {
    ("action-list", "GET"): (access.READ_ACTIONS,),
    ("action-detail", "GET"): (access.READ_ACTIONS,),
    ("action-detail", "PUT"): (access.WRITE_ACTIONS,),
    ("action-executions", "POST"): (access.EXECUTE_ACTIONS,),
    ("execution-batch", "POST"): (access.EXECUTE_ACTIONS,),
    ("action-disable", "POST"): (access.WRITE_ACTIONS,),
    ("action-enable", "POST"): (access.WRITE_ACTIONS,),
    ("audit-event-list", "GET"): (access.ADMIN,),
    ("execution-list", "GET"): (access.READ_EXECUTIONS,),
    ("execution-detail", "GET"): (access.READ_EXECUTIONS,),
    ("execution-events", "GET"): (access.READ_EXECUTIONS,),
    ("execution-waiting", "GET"): (access.READ_EXECUTIONS,),
    ("execution-cancel", "POST"): _COMMAND_EXECUTIONS,
    ("execution-rerun", "POST"): (access.EXECUTE_ACTIONS, *_COMMAND_EXECUTIONS),
    ("workflow-list", "GET"): (access.READ_WORKFLOWS,),
    ("workflow-list", "POST"): (access.WRITE_WORKFLOWS,),
    ("workflow-validate", "POST"): (access.WRITE_WORKFLOWS,),
    ("workflow-detail", "GET"): (access.READ_WORKFLOWS,),
    ("workflow-draft", "GET"): (access.READ_WORKFLOWS,),
    ("workflow-draft", "PUT"): (access.WRITE_WORKFLOWS,),
    ("workflow-diff", "GET"): (access.READ_WORKFLOWS,),
    ("workflow-version-list", "GET"): (access.READ_WORKFLOWS,),
    ("workflow-version-list", "POST"): (access.WRITE_WORKFLOWS,),
    ("workflow-version-detail", "GET"): (access.READ_WORKFLOWS,),
    ("workflow-activate", "POST"): (access.WRITE_WORKFLOWS,),
    ("workflow-archive", "POST"): (access.WRITE_WORKFLOWS,),
    ("workflow-unarchive", "POST"): (access.WRITE_WORKFLOWS,),
    ("workflow-runs", "POST"): (access.WRITE_RUNS,),
    ("run-list", "GET"): (access.READ_RUNS,),
    ("run-detail", "GET"): (access.READ_RUNS,),
    ("run-events", "GET"): (access.READ_RUNS,),
    ("run-waiting", "GET"): (access.READ_RUNS,),
    ("run-cancel", "POST"): _COMMAND_RUNS,
    ("run-pause", "POST"): _COMMAND_RUNS,
    ("run-resume", "POST"): _COMMAND_RUNS,
    ("run-event", "POST"): _COMMAND_RUNS,
    ("run-step-answer", "POST"): (access.READ_RUNS,),
    ("run-step-rerun", "POST"): _COMMAND_RUNS,
    ("run-rerun-preview", "POST"): (access.READ_RUNS,),
    ("run-rerun", "POST"): _COMMAND_RUNS,
    ("bulk-rerun-list", "GET"): (access.READ_RUNS,),
    ("bulk-rerun-list", "POST"): _COMMAND_RUNS,
    ("bulk-rerun-preview", "POST"): (access.READ_RUNS,),
    ("bulk-rerun-detail", "GET"): (access.READ_RUNS,),
    ("bulk-rerun-runs", "GET"): (access.READ_RUNS,),
    ("bulk-rerun-stop", "POST"): _COMMAND_RUNS,
    ("idempotency-keys", "GET"): (access.READ_EXECUTIONS,),
    ("idempotency-keys", "DELETE"): _COMMAND_EXECUTIONS,
    ("api-key-list", "GET"): (access.ADMIN,),
    ("api-key-list", "POST"): (access.ADMIN,),
    ("api-key-detail", "GET"): (access.ADMIN,),
    ("api-key-detail", "DELETE"): (access.ADMIN,),
    ("secret-list", "GET"): (access.ADMIN,),
    ("secret-detail", "GET"): (access.ADMIN,),
    ("secret-detail", "PUT"): (access.ADMIN,),
    ("secret-detail", "DELETE"): (access.ADMIN,),
}
# Addresses under /api/ for which nobody need be known.
PUBLIC = frozenset({"schema", "api-docs", "problem", "workflow-schema"})


class Granted(BasePermission):
    """Lets pass who has been granted what the table asks."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Raises InsufficientScope naming what is missing; False where the table has no row."""
        match = request.resolver_match
        needed = PERMISSIONS.get((match.url_name or "", method_of(request))) if match else None
        if needed is None or not isinstance(request.auth, access.Principal):
            return False
        missing = [permission for permission in needed if not request.auth.may(permission)]
        if missing:
            raise InsufficientScope(
                f"{request.auth.actor.label} may not do this: it needs {' and '.join(missing)}. "
                "An administrator can grant it, as a scope of a key or a role of a person."
            )
        return True


def method_of(request: Request) -> str:
    """The request's method as the table has it."""
    return "GET" if request.method == "HEAD" else request.method or ""
