"""Every problem the API can answer: its code, HTTP status and title. Floor: the site, pure.

Each has a page in docs/problems; a test compares the two. Codes are stable.
"""

from dataclasses import dataclass
from http import HTTPStatus


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """One kind of problem; `retry_after` is in seconds, and None where a retry cannot help."""

    code: str
    status: int
    title: str
    retry_after: int | None = None


FINAL: tuple[tuple[str, HTTPStatus, str], ...] = (
    ("malformed-json", HTTPStatus.BAD_REQUEST, "The body is not acceptable JSON"),
    ("malformed-request", HTTPStatus.BAD_REQUEST, "The request is malformed"),
    ("host-not-allowed", HTTPStatus.BAD_REQUEST, "This host name is not served here"),
    ("idempotency-key-invalid", HTTPStatus.BAD_REQUEST, "The idempotency key is invalid"),
    ("idempotency-key-required", HTTPStatus.BAD_REQUEST, "An idempotency key is required"),
    ("idempotency-key-ambiguous", HTTPStatus.BAD_REQUEST, "Two idempotency keys were sent"),
    ("unauthenticated", HTTPStatus.UNAUTHORIZED, "Who is calling is not known"),
    ("insufficient-scope", HTTPStatus.FORBIDDEN, "The caller may not do this"),
    ("csrf-refused", HTTPStatus.FORBIDDEN, "The browser's request lacks its token"),
    ("not-found", HTTPStatus.NOT_FOUND, "There is nothing at this address"),
    ("action-not-found", HTTPStatus.NOT_FOUND, "There is no such action"),
    ("execution-not-found", HTTPStatus.NOT_FOUND, "There is no such execution"),
    ("idempotency-key-not-found", HTTPStatus.NOT_FOUND, "There is no such key in force"),
    ("api-key-not-found", HTTPStatus.NOT_FOUND, "There is no such API key"),
    ("secret-not-found", HTTPStatus.NOT_FOUND, "There is no such secret"),
    ("workflow-not-found", HTTPStatus.NOT_FOUND, "There is no such workflow"),
    ("run-not-found", HTTPStatus.NOT_FOUND, "There is no such run"),
    ("bulk-rerun-not-found", HTTPStatus.NOT_FOUND, "There is no such bulk re-run"),
    ("workflow-version-not-found", HTTPStatus.NOT_FOUND, "The workflow has no such version"),
    ("method-not-allowed", HTTPStatus.METHOD_NOT_ALLOWED, "The method is not allowed here"),
    ("not-acceptable", HTTPStatus.NOT_ACCEPTABLE, "No acceptable form of the answer exists"),
    ("action-in-code", HTTPStatus.CONFLICT, "The action is declared in code"),
    ("action-disabled", HTTPStatus.CONFLICT, "The action is disabled"),
    ("workflow-exists", HTTPStatus.CONFLICT, "There is a workflow of that name"),
    ("workflow-archived", HTTPStatus.CONFLICT, "The workflow is archived"),
    ("run-has-ended", HTTPStatus.CONFLICT, "The run has ended"),
    ("run-goes-on", HTTPStatus.CONFLICT, "The run has not ended yet"),
    ("step-not-waiting", HTTPStatus.CONFLICT, "The step waits for no answer"),
    ("concurrency-key-held", HTTPStatus.CONFLICT, "Other runs hold the concurrency key"),
    ("situation-changed", HTTPStatus.CONFLICT, "What was confirmed is not what would happen now"),
    ("not-cancellable", HTTPStatus.CONFLICT, "The execution has already ended"),
    ("not-rerunnable", HTTPStatus.CONFLICT, "The execution has not ended yet"),
    ("outcome-unknown", HTTPStatus.CONFLICT, "The outcome of the first try is unknown"),
    (
        "version-changed",
        HTTPStatus.PRECONDITION_FAILED,
        "Somebody else has changed it meanwhile",
    ),
    (
        "version-required",
        HTTPStatus.PRECONDITION_REQUIRED,
        "Which version is to be changed was not said",
    ),
    ("payload-too-large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is too large"),
    ("unsupported-media-type", HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "The body is not JSON"),
    ("params-invalid", HTTPStatus.UNPROCESSABLE_ENTITY, "The params break the schema"),
    (
        "idempotency-key-reused",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "The idempotency key belongs to other params",
    ),
    ("definition-invalid", HTTPStatus.UNPROCESSABLE_ENTITY, "The definition is invalid"),
    ("vault-locked", HTTPStatus.SERVICE_UNAVAILABLE, "The vault cannot be opened here"),
    ("internal", HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong on our side"),
)
RETRIABLE = (
    Kind(
        code="execution-in-progress",
        status=409,
        title="The key's execution has not ended",
        retry_after=1,
    ),
    Kind(code="quota-exceeded", status=429, title="Too many requests", retry_after=1),
    Kind(code="not-accepting", status=503, title="The service cannot accept now", retry_after=1),
)
KINDS = {
    kind.code: kind
    for kind in (
        *(Kind(code=code, status=int(status), title=title) for code, status, title in FINAL),
        *RETRIABLE,
    )
}
# What a bare status means where nobody said more.
OF_STATUS = {
    400: "malformed-request",
    401: "unauthenticated",
    403: "insufficient-scope",
    404: "not-found",
    405: "method-not-allowed",
    406: "not-acceptable",
    413: "payload-too-large",
    415: "unsupported-media-type",
    429: "quota-exceeded",
    503: "not-accepting",
}


def kind_of(code: str) -> Kind:
    """The kind of that code; a code that is missing here is a fault of ours, so internal."""
    return KINDS.get(code, KINDS["internal"])


def kind_of_status(status: int) -> Kind:
    """The kind that a response with that status alone stands for."""
    fallback = "internal" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "malformed-request"
    return KINDS[OF_STATUS.get(status, fallback)]
