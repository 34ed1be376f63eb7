"""Each call described, for the view's method that answers it. Floor 5."""

from drf_spectacular.utils import OpenApiExample, extend_schema

from actions.api.openapi import (
    examples,
    parts,
    security,  # noqa: F401  # importing it is what makes it known
)
from actions.api.shapes.requests import BATCH as BATCH_SHAPE
from actions.api.shapes.requests import CANCEL as CANCEL_SHAPE
from actions.api.shapes.requests import DISABLE as DISABLE_SHAPE
from actions.api.shapes.requests import ENABLE as ENABLE_SHAPE
from actions.api.shapes.requests import EXECUTE as EXECUTE_SHAPE
from actions.api.shapes.requests import RERUN as RERUN_SHAPE
from actions.declarative import EXAMPLES

JSON = "application/json"
# Client generators stumble over what the document's own schema has to say; the call says all of it.
DEFINITION = {
    "type": "object",
    "description": "What the action does; docs/declarative-actions.md describes every field.",
    "required": ["kind"],
    "properties": {"kind": {"enum": sorted(EXAMPLES)}},
    "additionalProperties": True,
    "examples": list(EXAMPLES.values()),
}
_ENDED = (parts.HAS_SUCCEEDED, parts.HAS_FAILED)
_COMMAND_HEADERS = [
    *(parts.LOCATION, parts.ASK_AGAIN, parts.APPLIED, parts.ERROR_SOURCE),
    *(parts.REPLAYED, parts.EXPIRES),
]

EXECUTE = extend_schema(
    operation_id="execute_action",
    summary="Execute an action",
    description=(
        "Runs the action, at most once for each idempotency key, and waits up to 5 seconds for "
        "its end unless Prefer says otherwise. A repeat with the same key and params answers from "
        "the record. How an action fails is `error` in a 200; a problem document is a refusal, "
        "after which nothing is stored and the key is as it was."
    ),
    parameters=[
        parts.ACTION_NAME,
        parts.KEY,
        parts.PREFER,
        parts.WAIT,
        parts.TRACE,
        *_COMMAND_HEADERS,
    ],
    request={JSON: EXECUTE_SHAPE},
    examples=[OpenApiExample("With a key", value=examples.REQUEST, request_only=True)],
    responses={
        (200, JSON): parts.answer("Execution", "It has ended, well or with `error`.", _ENDED),
        (202, JSON): parts.answer("Execution", "It has not ended yet.", [parts.IS_QUEUED]),
        **parts.problems(
            *parts.WITH_BODY,
            *parts.WITH_KEY,
            "idempotency-key-required",
            "csrf-refused",
            "action-not-found",
            "action-disabled",
            "execution-in-progress",
            "outcome-unknown",
            "params-invalid",
        ),
    },
)

EXECUTE_BATCH = extend_schema(
    operation_id="execute_batch",
    summary="Execute many actions",
    description=(
        "Up to 100 requests, each accepted or refused as it would be alone, in their order; none "
        "is waited for. The same key twice for one action is a mistake, and nothing runs then."
    ),
    request={JSON: BATCH_SHAPE},
    responses={
        (200, JSON): parts.answer("Batch", "What became of each."),
        **parts.problems(*parts.WITH_BODY, "idempotency-key-invalid", "csrf-refused"),
    },
)

LIST_ACTIONS = extend_schema(
    operation_id="list_actions",
    summary="List the catalogue",
    description="The actions that you may know of, by name.",
    parameters=[parts.CURSOR, parts.LIMIT],
    responses={(200, JSON): parts.answer("ActionPage", "A page."), **parts.problems()},
)

READ_ACTION = extend_schema(
    operation_id="read_action",
    summary="Read one action",
    description="Its schemas, its effect and its policy, as its current version has them.",
    parameters=[parts.ACTION_NAME, parts.KNOWN_REVISION, parts.VERSION],
    responses={
        (200, JSON): parts.answer("Action", "The action."),
        304: parts.NOT_CHANGED,
        **parts.problems("action-not-found"),
    },
)

DEFINE_ACTION = extend_schema(
    operation_id="define_action",
    summary="Define a declarative action",
    description=(
        "Makes the action, or gives it a new version if the document differs. What is queued goes "
        "on with the version that it was accepted for. An action in code is changed in code."
    ),
    parameters=[parts.ACTION_NAME, parts.EXPECTED_VERSION, parts.VERSION],
    request={JSON: DEFINITION},
    responses={
        (200, JSON): parts.answer("Action", "The action, changed or as it was."),
        (201, JSON): parts.answer("Action", "The new action."),
        **parts.problems(
            *parts.WITH_BODY,
            "csrf-refused",
            "action-not-found",
            "action-in-code",
            "definition-invalid",
            "version-changed",
            "version-required",
        ),
    },
)

DISABLE_ACTION = extend_schema(
    operation_id="disable_action",
    summary="Disable an action",
    description=(
        "Refuses new executions of it from now on, with your note; what is accepted goes on. A "
        "repeat has no further effect."
    ),
    parameters=[parts.ACTION_NAME],
    request={JSON: DISABLE_SHAPE},
    responses={
        (200, JSON): parts.answer("Action", "The action as it is now."),
        **parts.problems(*parts.WITH_BODY, "csrf-refused", "action-not-found"),
    },
)

ENABLE_ACTION = extend_schema(
    operation_id="enable_action",
    summary="Enable an action",
    description="Takes new executions of it again. A repeat has no further effect.",
    parameters=[parts.ACTION_NAME],
    request={JSON: ENABLE_SHAPE},
    responses={
        (200, JSON): parts.answer("Action", "The action as it is now."),
        **parts.problems(*parts.WITH_BODY, "csrf-refused", "action-not-found"),
    },
)

LIST_AUDIT_EVENTS = extend_schema(
    operation_id="list_audit_events",
    summary="Read the audit log",
    description=(
        "What people did to the installation, the newest first. Lists are separated by commas. A "
        "key with name patterns is told of its actions only."
    ),
    parameters=[*parts.audit_filters(), parts.CURSOR, parts.LIMIT],
    responses={(200, JSON): parts.answer("AuditEventPage", "A page."), **parts.problems()},
)

LIST_EXECUTIONS = extend_schema(
    operation_id="list_executions",
    summary="List executions",
    description="Those that you may know of, the newest first. Lists are separated by commas.",
    parameters=[*parts.filters(), parts.CURSOR, parts.LIMIT],
    responses={(200, JSON): parts.answer("ExecutionPage", "A page."), **parts.problems()},
)

READ_EXECUTION = extend_schema(
    operation_id="read_execution",
    summary="Read one execution",
    description="At once, or with `wait` when it has ended or the time is up.",
    parameters=[
        parts.EXECUTION_ID,
        parts.WAIT,
        parts.PREFER,
        parts.KNOWN_REVISION,
        *parts.OF_READING,
    ],
    responses={
        (200, JSON): parts.answer(
            "Execution", "However far it has come.", [*_ENDED, parts.IS_QUEUED]
        ),
        304: parts.NOT_CHANGED,
        **parts.problems("execution-not-found"),
    },
)

LIST_EVENTS = extend_schema(
    operation_id="list_execution_events",
    summary="Read or follow the log of an execution",
    description=(
        "What happened, when and by whom, from the first event on. With `Accept: "
        "text/event-stream` each event is sent as it is written, its number as the id, until the "
        "execution has ended (`event: end`) or ten minutes are over; resume with Last-Event-ID."
    ),
    parameters=[parts.EXECUTION_ID, parts.EVENT_CURSOR, parts.LIMIT, parts.LAST_EVENT],
    responses={
        (200, JSON): parts.answer("EventPage", "A page."),
        (200, "text/event-stream"): parts.STREAM,
        **parts.problems("execution-not-found"),
    },
)

READ_WAITING = extend_schema(
    operation_id="read_execution_waiting",
    summary="Ask why an execution is not running",
    description="Worked out from the rows as they are now: no worker, a limit, others before it.",
    parameters=[parts.EXECUTION_ID],
    responses={
        (200, JSON): parts.answer("Waiting", "The reason, or null."),
        **parts.problems("execution-not-found"),
    },
)

CANCEL = extend_schema(
    operation_id="cancel_execution",
    summary="Cancel an execution",
    description=(
        "Ends it at once if it waits for an attempt. A running action is asked to stop; if its "
        "attempt commits first, it has succeeded. A repeat has no further effect."
    ),
    parameters=[parts.EXECUTION_ID, parts.KEY, parts.PREFER, parts.WAIT, *_COMMAND_HEADERS],
    request={JSON: CANCEL_SHAPE},
    responses={
        (200, JSON): parts.answer("Execution", "It has ended."),
        (202, JSON): parts.answer("Execution", "It has been asked to stop."),
        **parts.problems(
            *(*parts.WITH_BODY, *parts.WITH_KEY, "csrf-refused"),
            *("execution-not-found", "not-cancellable"),
        ),
    },
)

RERUN = extend_schema(
    operation_id="rerun_execution",
    summary="Run an execution again",
    description=(
        "Starts a new execution of the same action, linked to this one, which stays as it is. It "
        "does not wait for the end unless you ask it to. It needs the scope actions:execute, beside "
        "those to read and to change executions."
    ),
    parameters=[
        parts.EXECUTION_ID,
        parts.KEY,
        parts.PREFER,
        parts.WAIT,
        parts.TRACE,
        *_COMMAND_HEADERS,
    ],
    request={JSON: RERUN_SHAPE},
    responses={
        (200, JSON): parts.answer("Execution", "The new execution has ended.", _ENDED),
        (202, JSON): parts.answer("Execution", "The new execution.", [parts.IS_QUEUED]),
        **parts.problems(
            *parts.WITH_BODY,
            *parts.WITH_KEY,
            "csrf-refused",
            "execution-not-found",
            "not-rerunnable",
            "action-disabled",
            "params-invalid",
        ),
    },
)
