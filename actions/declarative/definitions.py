"""What a declarative action is, once its document has been found right.

Floor 1, pure. A definition that exists can be run: its schemas, policies, expressions and address
have been checked. Its effect is always external.
"""

import hashlib
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeAlias

from actions import canonical
from actions.expressions import Expression, Template
from actions.jsontypes import JSONObject
from actions.keys import Retention
from actions.limits import Limit
from actions.policy import RetryPolicy
from actions.registry import Idempotency
from actions.states import Effect

Path: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Secret:
    """A secret by name, and what stands before it; the value is only ever in the worker."""

    name: str
    prefix: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Definition:
    """What both kinds have in common; `document` is what it was made of, as it is stored."""

    effect: ClassVar[Effect] = Effect.EXTERNAL

    document: JSONObject = field(repr=False)
    description: str
    params_schema: JSONObject
    result_schema: JSONObject
    repeatable: bool
    retry: RetryPolicy
    timeout_seconds: float | None
    idempotency: Idempotency
    key_retention: Retention | None
    queue: str
    priority: int
    limits: tuple[Limit, ...]

    @property
    def digest(self) -> str:
        """Changes whenever anything of the document does, its order and spelling aside."""
        return hashlib.sha256(canonical.canonical(self.document)).hexdigest()


@dataclass(frozen=True, kw_only=True, slots=True)
class HttpDefinition(Definition):
    """One HTTP request, and what its answer means.

    Templates and expressions see `params` and `execution`; `success` and `returns` also see
    `response`. Of `body`, `form` and `text` at most one is given. `secrets` are the places in
    the body or the form where the document, and not a value that was filled in, says
    `{"$secret": name}`.
    """

    method: str
    url: Template
    query: Template
    headers: dict[str, Template | Secret]
    body: Template | None
    form: Template | None
    secrets: tuple[tuple[Path, Secret], ...]
    text: Template | None
    idempotency_header: str | None
    success: Expression
    retriable: frozenset[int]
    returns: Template
    max_response_bytes: int
    follow_redirects: int


@dataclass(frozen=True, kw_only=True, slots=True)
class EmailDefinition(Definition):
    """One e-mail; templates see `params` and `execution`."""

    to: tuple[Template, ...]
    sender: Template | None
    reply_to: Template | None
    subject: Template
    text: Template
    html: Template | None


def secret_of(value: Any) -> Secret | None:
    """The secret that an object of a document stands for, or None if it is another object."""
    if isinstance(value, dict) and "$secret" in value:
        return Secret(name=value["$secret"], prefix=value.get("prefix", ""))
    return None
