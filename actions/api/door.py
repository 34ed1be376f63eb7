"""What every view of the API has in common: the order in which a request is judged. Floor 5.

Who calls, how often, what was sent, whether they may; only then the view's own method. What is
refused is raised, and answered in one place, actionsite/problems.
"""

from typing import Any, ClassVar, NoReturn, cast

from rest_framework.exceptions import MethodNotAllowed, Throttled
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from actions import ids
from actions.access import Principal
from actions.api import intake
from actions.api.authentication import BearerKey, BrowserSession
from actions.api.intake import StrictJson
from actions.api.permissions import Granted, method_of
from actions.api.rates import Standing
from actions.api.rendering import CompactJson, JsonOnly
from actions.api.throttling import PerCaller, headers_of
from actions.errors import ActionNotFound, ExecutionNotFound, Unauthenticated
from actions.models import Execution
from actions.registry import MAX_NAME


class Door(APIView):
    """A view of the API; `parameters` are the names that its query may have.

    `shape` is that of its body, where there is one; a call whose body may have an idempotency key
    takes the header, too. `families` are beginnings of further names, `repeatable` those that may
    come more than once.
    """

    authentication_classes = (BearerKey, BrowserSession)
    throttle_classes = (PerCaller,)
    permission_classes = (Granted,)
    parser_classes = (StrictJson,)
    renderer_classes = (CompactJson,)
    content_negotiation_class = JsonOnly
    http_method_names = ["get", "head", "post"]
    shape: ClassVar[dict[str, Any] | None] = None
    parameters: ClassVar[frozenset[str]] = frozenset()
    families: ClassVar[tuple[str, ...]] = ()
    repeatable: ClassVar[frozenset[str]] = frozenset()

    standing: Standing | None = None

    @property
    def principal(self) -> Principal:
        """Who calls."""
        return cast(Principal, self.request.auth)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Judge the request, in the order of the contract."""
        self.format_kwarg = None
        self.perform_authentication(request)
        self._refuse_other_methods(request)
        request.accepted_renderer, request.accepted_media_type = self.perform_content_negotiation(
            request
        )
        self.check_throttles(request)
        self.take_in(request)
        self.check_permissions(request)

    def perform_authentication(self, request: Request) -> None:
        """Refuse whom nobody knows."""
        if not isinstance(request.auth, Principal):
            raise Unauthenticated(
                "Nobody is known by this request; send an API key as Authorization: Bearer and "
                "the key, or sign in."
            )

    def take_in(self, request: Request) -> None:
        """Read what was sent; a view that takes a body adds to this."""
        intake.check_query(
            request,
            known=self.parameters,
            families=self.families,
            repeatable=self.repeatable,
        )
        takes_key = self.shape is not None and "idempotency_key" in self.shape["properties"]
        if request.method == "POST" and not takes_key:
            intake.refuse_key(request)

    def throttled(self, request: Request, wait: float | None) -> NoReturn:
        """Refuse who calls too often."""
        raise Throttled(
            wait,
            detail="You send more requests than this service takes from one caller; send this one "
            "again later, with the same key, and space them out.",
        )

    @property
    def default_response_headers(self) -> dict[str, str]:
        """What every answer carries: nothing of ours is for a cache."""
        return {"Cache-Control": "no-store", "Allow": ", ".join(self.allowed_methods)}

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        """Tell the caller's standing on every answer, refusals too."""
        if self.standing is not None:
            self.headers.update(headers_of(self.standing))
        return super().finalize_response(request, response, *args, **kwargs)

    def check_action(self, name: str) -> None:
        """Refuse a name that cannot be one, or that the caller may not know of, in the same words."""
        if len(name) > MAX_NAME or not name.isprintable() or not self.principal.sees(name):
            raise ActionNotFound(self.no_such_action(name))

    def no_such_action(self, name: str) -> str:
        """What is said of a name that is not there, and of one that is not the caller's to know."""
        return (
            f"There is no action {name[:MAX_NAME]!r}; the catalogue at /api/v1/actions lists them."
        )

    def find(self, shown_id: str) -> Execution:
        """The execution of that id, if the caller may know of it; raises ExecutionNotFound."""
        visible = Execution.objects.without_internal().named_like(self.principal.patterns)
        try:
            found = visible.with_id(ids.parse(ids.PREFIX_EXECUTION, shown_id))
        except ValueError as wrong:
            raise ExecutionNotFound(f"{wrong} Send the id as it was answered.") from None
        if found is None:
            raise ExecutionNotFound(
                f"There is no execution {shown_id}; /api/v1/executions lists them."
            )
        return found

    def _refuse_other_methods(self, request: Request) -> None:
        if method_of(request) not in self.allowed_methods:
            takes = " and ".join(name for name in self.allowed_methods if name != "HEAD")
            raise MethodNotAllowed(
                request.method or "", detail=f"This address takes {takes}, not {request.method}."
            )
