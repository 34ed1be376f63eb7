"""/livez and /readyz: what a supervisor or a load balancer asks. Floor: the site.

Answered before anything else, so that a probe needs neither https nor an allowed host name. They
tell nothing that is secret.
"""

from inspect import iscoroutinefunction

from asgiref.sync import sync_to_async
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.utils.decorators import sync_and_async_middleware

from actions.executions.neglect import neglected
from actions.models import Worker
from actionsite.csp import Answer

NO_STORE = {"Cache-Control": "no-store"}
READS = frozenset({"GET", "HEAD"})


@sync_and_async_middleware
def health(get_response: Answer) -> Answer:
    """Answers the two addresses and passes on all others."""
    readiness = Readiness()

    def answer(request: HttpRequest) -> HttpResponseBase:
        if not _is_probe(request):
            response: HttpResponseBase = get_response(request)
            return response
        return live() if request.path == "/livez" else readiness.answer()

    async def answer_async(request: HttpRequest) -> HttpResponseBase:
        if not _is_probe(request):
            response: HttpResponseBase = await get_response(request)
            return response
        return live() if request.path == "/livez" else await sync_to_async(readiness.answer)()

    return answer_async if iscoroutinefunction(get_response) else answer


def _is_probe(request: HttpRequest) -> bool:
    return request.path in {"/livez", "/readyz"} and request.method in READS


def live() -> JsonResponse:
    """The process runs and answers."""
    return JsonResponse({"status": "alive"}, headers=NO_STORE)


class Readiness:
    """May this installation be sent work? Remembers that the tables are as the code wants them."""

    def __init__(self) -> None:
        self._is_migrated = False

    def answer(self) -> JsonResponse:
        """200, or 503 with the reason."""
        reason = self.reason()
        if reason is None:
            return JsonResponse({"status": "ready"}, headers=NO_STORE)
        body = {"status": "not ready", "reason": reason}
        response = JsonResponse(body, status=503, headers=NO_STORE)
        # Django would log each probe as a fault of ours.
        response._has_been_logged = True  # type: ignore[attr-defined]
        return response

    def reason(self) -> str | None:
        """Why work should not be sent here, or None."""
        try:
            if not self._migrated():
                return "the database has migrations to apply; run manage.py migrate"
            if not Worker.objects.within_lease().exists():
                return "no worker has been heard of within its lease; start manage.py qcluster"
            if (forgotten := neglected()) is not None:
                return (
                    f"work is due since {forgotten.run_at:%H:%M:%S} UTC and idle workers do not "
                    "take it; restart manage.py qcluster"
                )
        except Error:
            return "the database does not answer"
        return None

    def _migrated(self) -> bool:
        if not self._is_migrated:
            executor = MigrationExecutor(connection)
            plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
            self._is_migrated = not plan
        return self._is_migrated
