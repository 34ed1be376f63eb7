"""Parts that the descriptions of calls are put together from. Floor 5."""

from collections.abc import Iterable
from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse

from actions.api.etags import NUMBERED_PATTERN
from actions.api.openapi import examples
from actions.api.shapes.building import EXECUTION_ID as EXECUTION_ID_SHAPE
from actions.api.shapes.building import ref
from actions.deeds import Deed
from actions.filters import MAX_PARAMS
from actions.registry import MAX_NAME, NAME_PATTERN
from actions.states import ExecutionStatus

PROBLEM_TYPE = "application/problem+json"
ANYWHERE = (
    "malformed-request",
    "unauthenticated",
    "insufficient-scope",
    "method-not-allowed",
    "not-acceptable",
    "quota-exceeded",
    "internal",
    "not-accepting",
)
WITH_BODY = ("malformed-json", "payload-too-large", "unsupported-media-type")
WITH_KEY = ("idempotency-key-invalid", "idempotency-key-ambiguous", "idempotency-key-reused")
# Every problem that a call may answer, by its HTTP status.
STATUS_OF = {
    "malformed-json": 400,
    "malformed-request": 400,
    "idempotency-key-invalid": 400,
    "idempotency-key-ambiguous": 400,
    "idempotency-key-required": 400,
    "unauthenticated": 401,
    "insufficient-scope": 403,
    "csrf-refused": 403,
    "action-not-found": 404,
    "execution-not-found": 404,
    "idempotency-key-not-found": 404,
    "api-key-not-found": 404,
    "secret-not-found": 404,
    "workflow-not-found": 404,
    "workflow-version-not-found": 404,
    "method-not-allowed": 405,
    "not-acceptable": 406,
    "action-in-code": 409,
    "action-disabled": 409,
    "workflow-exists": 409,
    "workflow-archived": 409,
    "run-not-found": 404,
    "bulk-rerun-not-found": 404,
    "run-has-ended": 409,
    "run-goes-on": 409,
    "step-not-waiting": 409,
    "concurrency-key-held": 409,
    "situation-changed": 409,
    "execution-in-progress": 409,
    "outcome-unknown": 409,
    "not-cancellable": 409,
    "not-rerunnable": 409,
    "version-changed": 412,
    "payload-too-large": 413,
    "unsupported-media-type": 415,
    "params-invalid": 422,
    "idempotency-key-reused": 422,
    "definition-invalid": 422,
    "version-required": 428,
    "quota-exceeded": 429,
    "internal": 500,
    "not-accepting": 503,
    "vault-locked": 503,
}


def problems(*codes: str) -> dict[Any, OpenApiResponse]:
    """The responses that stand for these problems and for those of any call."""
    by_status: dict[int, list[str]] = {}
    for code in (*ANYWHERE, *codes):
        by_status.setdefault(STATUS_OF[code], []).append(code)
    return {
        (status, PROBLEM_TYPE): OpenApiResponse(
            response=ref("Problem"),
            description=", ".join(f"`{code}`" for code in found),
            examples=[_PROBLEM] if "params-invalid" in found else [],
        )
        for status, found in sorted(by_status.items())
    }


def answer(
    component: str, description: str, found: Iterable[OpenApiExample] = ()
) -> OpenApiResponse:
    """A response of that shape."""
    return OpenApiResponse(response=ref(component), description=description, examples=list(found))


_PROBLEM = OpenApiExample("Wrong params", value=examples.PROBLEM, media_type=PROBLEM_TYPE)
HAS_SUCCEEDED = OpenApiExample("Succeeded", value=examples.SUCCEEDED)
HAS_FAILED = OpenApiExample("Failed, which is not a refusal", value=examples.FAILED)
IS_QUEUED = OpenApiExample("Not ended yet", value=examples.QUEUED)

STREAM = OpenApiResponse(response={"type": "string"}, description="Server-sent events.")
NOT_CHANGED = OpenApiResponse(description="The caller has it already, as If-None-Match says.")

ACTION_NAME = OpenApiParameter(
    "name",
    {"type": "string", "pattern": f"^{NAME_PATTERN}$", "maxLength": MAX_NAME},
    OpenApiParameter.PATH,
    description="An action of the catalogue.",
)
EXECUTION_ID = OpenApiParameter(
    "execution_id",
    EXECUTION_ID_SHAPE,
    OpenApiParameter.PATH,
    description="An execution's id, `exec_…`.",
)
KEY = OpenApiParameter(
    "Idempotency-Key",
    # As it is, or as a quoted string in which \" and \\ stand for themselves (RFC 8941).
    {"type": "string", "pattern": r'^([!#-~][!-~]{0,254}|"([!#-\[\]-~]|\\["\\]){1,255}")$'},
    OpenApiParameter.HEADER,
    description="Your name for this request, 1 to 255 characters from ! to ~. Sent twice, it has "
    "the effect of once.",
)
PREFER = OpenApiParameter(
    "Prefer",
    str,
    OpenApiParameter.HEADER,
    description="`wait=10` waits so many seconds for the end, `respond-async` not at all "
    "(RFC 7240).",
)
WAIT = OpenApiParameter(
    "wait",
    {"type": "integer", "minimum": 0},
    description="Seconds to wait for the end; counts before Prefer, and is cut to the longest "
    "wait of this service.",
)
TRACE = OpenApiParameter(
    "traceparent",
    str,
    OpenApiParameter.HEADER,
    description="The trace that this request belongs to (W3C Trace Context); kept in the record.",
)
KNOWN_REVISION = OpenApiParameter(
    "If-None-Match", str, OpenApiParameter.HEADER, description="An ETag that you have."
)
CURSOR = OpenApiParameter("cursor", str, description="The next_cursor of the page before.")
EVENT_CURSOR = OpenApiParameter(
    "cursor",
    {"type": "string", "pattern": "^[0-9]{1,9}$"},
    description="The number of the last event that you have seen.",
)
LAST_EVENT = OpenApiParameter(
    "Last-Event-ID",
    str,
    OpenApiParameter.HEADER,
    description="The number of the last event that a stream has given you.",
)
LIMIT = OpenApiParameter(
    "limit",
    {"type": "integer", "minimum": 1, "maximum": 200},
    description="How many entries at most.",
)


def told(name: str, description: str, *statuses: int) -> OpenApiParameter:
    """A header of the answers with these statuses."""
    return OpenApiParameter(
        name,
        str,
        OpenApiParameter.HEADER,
        description=description,
        response=[str(status) for status in statuses],
    )


LOCATION = told("Location", "The execution or the run.", 200, 202)
_AGAIN = "Seconds after which asking again makes sense; only before it has ended."
ASK_AGAIN = told("Retry-After", _AGAIN, 202)
REPLAYED = told("Idempotent-Replayed", "`true` if this is an earlier request's outcome.", 200, 202)
EXPIRES = told("Idempotency-Expires", "When the key is free again (RFC 3339).", 200, 304)
APPLIED = told("Preference-Applied", "The preference that was followed.", 200, 202, 304)
ERROR_SOURCE = told("X-Error-Source", "`action` if the body has an error.", 200, 202, 304)
EXPECTED_VERSION = OpenApiParameter(
    "If-Match",
    {"type": "string", "pattern": f"^{NUMBERED_PATTERN}$"},
    OpenApiParameter.HEADER,
    description="The ETag of the version that you have seen, or its number in quotes; needed to "
    "change an action.",
)
VERSION = told(
    "ETag",
    "Changes with anything of the body. It begins with the number of the version, which alone "
    "counts in If-Match.",
    200,
    201,
    304,
)
REVISION = told("ETag", "Changes with anything of the body.", 200, 304)
# What a reading of an execution or a run says beside its body.
OF_READING = (REVISION, EXPIRES, ERROR_SOURCE, APPLIED, told("Retry-After", _AGAIN, 200, 304))


def any_of(words: Iterable[str]) -> dict[str, Any]:
    """A filter that takes any of these words."""
    return {"type": "array", "items": {"enum": [str(one) for one in words]}, "minItems": 1}


# An empty value is refused.
TEXT = {"type": "string", "pattern": r"\S"}
ANY_TEXT = {"type": "array", "items": TEXT, "minItems": 1}
_AGO = {"type": "string", "pattern": "^-[0-9]{1,5}[mhdw]$"}
MOMENT = {"anyOf": [{"type": "string", "format": "date-time"}, _AGO]}
_BY_PATH = {
    "type": "object",
    "propertyNames": {"pattern": "^params\\.."},
    "additionalProperties": {"type": ["string", "number", "boolean", "null"], "pattern": r"\S"},
    "maxProperties": MAX_PARAMS,
    "example": {"params.userId": "usr_12345"},
}
_PARAMS = (
    "Parameters of their own, such as `params.userId=usr_12345` or `params.items.0.sku=A1`: the "
    "exact value at a path of names and positions; all must hold. Numbers, `true`, `false` and "
    "`null` are written as in JSON. What is secret is never found."
)
_FILTERS: list[tuple[str, dict[str, Any], str]] = [
    ("status", any_of(ExecutionStatus), "Any of these."),
    ("action", ANY_TEXT, "Of any of these actions."),
    ("error_code", ANY_TEXT, "Failed with any of these codes."),
    ("params", _BY_PATH, _PARAMS),
    ("error", TEXT, "Words that all occur in the error's code or message."),
    ("q", TEXT, "An id, a key, an action's name, an error's code, or the value of a param."),
    ("key", TEXT, "The idempotency key."),
    ("actor", TEXT, "Who asked for it, by label."),
    ("worker", TEXT, "A worker that has tried it, by label."),
    ("rerun_of", TEXT, "The execution that it repeats."),
    ("run", TEXT, "The run whose steps they are."),
    ("since", MOMENT, "Accepted then or later; `-24h` is 24 hours ago, also m, d and w."),
    ("until", MOMENT, "Accepted before then, in the same forms."),
]


_AUDIT_FILTERS: list[tuple[str, dict[str, Any], str]] = [
    ("verb", any_of(Deed), "Any of these."),
    ("actor", TEXT, "Who did it, by label."),
    ("object_kind", TEXT, "What kind of thing it was done to."),
    ("object_id", TEXT, "The id of that thing."),
    ("since", MOMENT, "Done then or later; `-24h` is 24 hours ago, also m, d and w."),
    ("until", MOMENT, "Done before then, in the same forms."),
]


def filters() -> list[OpenApiParameter]:
    """The filters of the list of executions; actions/filters.py reads them."""
    return filters_of(_FILTERS)


def audit_filters() -> list[OpenApiParameter]:
    """The filters of the audit log; actions/filters.py reads them."""
    return filters_of(_AUDIT_FILTERS)


def filters_of(rows: list[tuple[str, dict[str, Any], str]]) -> list[OpenApiParameter]:
    """Filters of a list, each by its name, its schema and what it means."""
    return [_filter(*row) for row in rows]


def _filter(name: str, kind: dict[str, Any], words: str) -> OpenApiParameter:
    if kind.get("type") in ("array", "object"):
        # Lists are separated by commas; params are parameters of their own.
        is_object = kind["type"] == "object"
        return OpenApiParameter(name, kind, description=words, style="form", explode=is_object)
    return OpenApiParameter(name, kind, description=words)
