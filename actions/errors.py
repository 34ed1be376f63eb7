"""Everything that can be refused, and what an action's code may raise.

Floor 1, pure. Each message names the thing, what is wrong with it and what to do. How a refusal
looks over HTTP is decided in one place, actionsite/problems.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from actions.jsontypes import JSON


class ActionFailure(Exception):
    """What an action raises to say how it failed; carries a code for programs."""

    code: str
    message: str
    # What somebody else said, for the end of the message; cut once secrets have been taken out.
    excerpt: str = ""


def misfit(problems: "Sequence[FieldProblem]", *, of: str) -> str:
    """What is said of params that do not fit something: the first place, and what is wrong there."""
    place = problems[0].pointer or "the top"
    return f"The params do not fit {of}: at {place}: {problems[0].detail}"


class Retry(ActionFailure):
    """Raise in an action: this attempt failed, and a later one may succeed.

    The retry policy decides whether there is one; `after` is the least wait in seconds
    (a Retry-After header, say). Raising it promises that nothing happened outside.
    """

    def __init__(self, message: str, *, after: float | None = None, code: str = "retry") -> None:
        super().__init__(message)
        self.message = message
        self.after = after
        self.code = code


class Final(ActionFailure):
    """Raise in an action: it failed, and no further attempt can help."""

    def __init__(self, code: str, message: str, *, details: JSON = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details


class Uncertain(ActionFailure):
    """Raised by our own runners: the effect may have happened, or not; nobody can say.

    What is not repeatable is then never tried again by itself; with `may_help` false nothing is,
    because another attempt would end the same. `after` is the least wait in seconds.
    """

    def __init__(
        self, code: str, message: str, *, after: float | None = None, may_help: bool = True
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.after = after
        self.may_help = may_help


class Cancelled(ActionFailure):
    """Raised by `ctx.heartbeat()` once somebody has asked to cancel; let it pass."""

    def __init__(self, message: str = "The execution was cancelled.") -> None:
        super().__init__(message)
        self.message = message
        self.code = "cancelled"


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldProblem:
    """One thing wrong at one place of the request body; `pointer` is a JSON pointer (RFC 6901)."""

    pointer: str
    code: str
    detail: str


class Refusal(Exception):
    """A request that is refused before anything is stored; `code` is stable and documented."""

    code: ClassVar[str] = "refused"
    retriable: ClassVar[bool] = False

    def __init__(self, detail: str, *, errors: Sequence[FieldProblem] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = tuple(errors)


class MalformedJson(Refusal):
    """The body is not the JSON that we accept."""

    code = "malformed-json"


class MalformedRequest(Refusal):
    """A field or query parameter of the request itself is wrong."""

    code = "malformed-request"


class PayloadTooLarge(Refusal):
    """The body exceeds the configured size."""

    code = "payload-too-large"


class ParamsInvalid(Refusal):
    """The params break the action's schema."""

    code = "params-invalid"


class DefinitionInvalid(Refusal):
    """An action's definition cannot be accepted."""

    code = "definition-invalid"


class ActionInCode(Refusal):
    """The action is declared in code, and only there can it be changed."""

    code = "action-in-code"


class VersionChanged(Refusal):
    """Somebody else has changed what the caller wants to change."""

    code = "version-changed"


class VersionRequired(Refusal):
    """The caller has not said which version it wants to change."""

    code = "version-required"


class ActionNotFound(Refusal):
    """No action of that name is in the catalogue, or it is outside the caller's patterns."""

    code = "action-not-found"


class ActionDisabled(Refusal):
    """The action exists and takes no new executions."""

    code = "action-disabled"


class ExecutionNotFound(Refusal):
    """No execution has that id, or it is outside the caller's patterns."""

    code = "execution-not-found"


class IdempotencyKeyNotFound(Refusal):
    """No key in force has that name, or its action is outside the caller's patterns."""

    code = "idempotency-key-not-found"


class ApiKeyNotFound(Refusal):
    """No API key has that prefix."""

    code = "api-key-not-found"


class SecretNotFound(Refusal):
    """No secret has that name."""

    code = "secret-not-found"


class NotCancellable(Refusal):
    """The execution has already ended."""

    code = "not-cancellable"


class NotRerunnable(Refusal):
    """The execution has not ended yet, or is a step of a run."""

    code = "not-rerunnable"


class IdempotencyKeyInvalid(Refusal):
    """The key has a length or a character that is not allowed."""

    code = "idempotency-key-invalid"


class IdempotencyKeyRequired(Refusal):
    """The action asks for a key and none was sent."""

    code = "idempotency-key-required"


class IdempotencyKeyAmbiguous(Refusal):
    """Header and body carry different keys."""

    code = "idempotency-key-ambiguous"


class IdempotencyKeyReused(Refusal):
    """The key belongs to a request with other params."""

    code = "idempotency-key-reused"


class ExecutionInProgress(Refusal):
    """The key's execution has not ended, and the caller asked not to attach to it."""

    code = "execution-in-progress"
    retriable = True


class OutcomeUnknown(Refusal):
    """A retry could repeat an effect whose outcome nobody knows."""

    code = "outcome-unknown"


class Unauthenticated(Refusal):
    """No valid credential was sent."""

    code = "unauthenticated"


class InsufficientScope(Refusal):
    """The caller is known and may not do this."""

    code = "insufficient-scope"


class VaultLocked(Refusal):
    """Something sealed cannot be opened here: its key is missing, or it was tampered with."""

    code = "vault-locked"


class NotAccepting(Refusal):
    """The service cannot accept now; the same request with the same key is safe later."""

    code = "not-accepting"
    retriable = True
