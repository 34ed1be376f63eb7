"""Execute actions by name: `Do(key).action.execute(name, params)` gives `.result` and `.error`.

Workflows are run in the same way: `Do(key).workflow.execute(name, params)`.

Floors, imports pointing down: client (`client`, `async_client`, `testing`), transport (`lines`,
`deadlines`, `blocking_line`, `async_line`), core (all others: pure, they know no network and no clock).
"""

from do_sdk.async_client import AsyncDo, AsyncHandle
from do_sdk.client import Do, Handle
from do_sdk.errors import (
    ApiError,
    Conflict,
    ConnectionFailed,
    DoError,
    FieldProblem,
    Forbidden,
    Invalid,
    NotFound,
    RateLimited,
    Unauthenticated,
    Unavailable,
    UnusableAnswer,
    WebhookInvalid,
    WrongOption,
)
from do_sdk.records import (
    ActionError,
    ActionFailed,
    Event,
    Execution,
    Failed,
    Page,
    Pending,
    Record,
    RerunPreview,
    RerunStep,
    Run,
    RunError,
    RunFailed,
    Step,
)
from do_sdk.settings import VERSION
from do_sdk.webhooks import sign_webhook, verify_webhook
from do_sdk.wire import RerunWish

__version__ = VERSION
__all__ = [
    "ActionError",
    "ActionFailed",
    "ApiError",
    "AsyncDo",
    "AsyncHandle",
    "Conflict",
    "ConnectionFailed",
    "Do",
    "DoError",
    "Event",
    "Execution",
    "Failed",
    "FieldProblem",
    "Forbidden",
    "Handle",
    "Invalid",
    "NotFound",
    "Page",
    "Pending",
    "RateLimited",
    "Record",
    "RerunPreview",
    "RerunStep",
    "RerunWish",
    "Run",
    "RunError",
    "RunFailed",
    "Step",
    "Unauthenticated",
    "Unavailable",
    "UnusableAnswer",
    "WebhookInvalid",
    "WrongOption",
    "__version__",
    "sign_webhook",
    "verify_webhook",
]
