"""The calls about keys and secrets, described. Floor 5."""

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema

from actions.api.openapi import parts
from actions.api.shapes.requests import MAKE_KEY as KEY_SHAPE
from actions.api.shapes.requests import RELEASE
from actions.api.shapes.requests import SET_SECRET as SECRET_VALUE
from actions.states import KeyKind

JSON = "application/json"
_SECRET_NAME = OpenApiParameter(
    "name",
    {"type": "string", "pattern": "^[a-z][a-z0-9-]{0,62}$"},
    OpenApiParameter.PATH,
    description="Up to 63 lower-case letters, digits and hyphens.",
)
_OF_A_KEY = [
    OpenApiParameter(
        "kind",
        {"enum": [str(kind) for kind in KeyKind], "default": "action"},
        description="What the key was sent for.",
    ),
    OpenApiParameter(
        "name",
        {"type": "string", "minLength": 1},
        required=True,
        description="The action's or the workflow's name; for a command the id that it is to.",
    ),
    OpenApiParameter(
        "key", {"type": "string", "minLength": 1}, required=True, description="The key."
    ),
]

READ_IDEMPOTENCY_KEY = extend_schema(
    operation_id="read_idempotency_key",
    summary="Look up an idempotency key",
    description="Which execution or run it stands for, and how often it was repeated or refused.",
    parameters=_OF_A_KEY,
    responses={
        (200, JSON): parts.answer("IdempotencyKey", "The key."),
        **parts.problems("idempotency-key-not-found"),
    },
)

RELEASE_IDEMPOTENCY_KEY = extend_schema(
    operation_id="release_idempotency_key",
    summary="Release an idempotency key",
    description=(
        "The next request with it executes anew; what it stands for stays as it is. Only a key "
        "of what has ended can be released."
    ),
    parameters=_OF_A_KEY,
    request={JSON: RELEASE},
    responses={
        (200, JSON): parts.answer("IdempotencyKey", "The key, which has just expired."),
        **parts.problems(
            *parts.WITH_BODY, "csrf-refused", "idempotency-key-not-found", "execution-in-progress"
        ),
    },
)

LIST_SECRETS = extend_schema(
    operation_id="list_secrets",
    summary="List secrets",
    description=(
        "Their names and what is known of them; never a value. A key with name patterns sees those "
        "whose every reader is within them."
    ),
    parameters=[parts.CURSOR, parts.LIMIT],
    responses={(200, JSON): parts.answer("SecretPage", "A page."), **parts.problems()},
)

READ_SECRET = extend_schema(
    operation_id="read_secret",
    summary="Read about one secret",
    description="What is known of it, but for its value.",
    parameters=[_SECRET_NAME],
    responses={
        (200, JSON): parts.answer("Secret", "The secret."),
        **parts.problems("secret-not-found"),
    },
)

SET_SECRET = extend_schema(
    operation_id="set_secret",
    summary="Set a secret",
    description=(
        "Gives it a new value; attempts that begin from now on read that. A key with name patterns "
        "sets only what is read within them: a secret that others may read is not there for it, and "
        "`actions` beyond them, or none, are refused."
    ),
    parameters=[_SECRET_NAME],
    request={JSON: SECRET_VALUE},
    responses={
        (200, JSON): parts.answer("Secret", "The secret, without its value."),
        **parts.problems(*parts.WITH_BODY, "csrf-refused", "secret-not-found", "vault-locked"),
    },
)

REMOVE_SECRET = extend_schema(
    operation_id="remove_secret",
    summary="Remove a secret",
    description="Forgets its values; no attempt can read it from now on.",
    parameters=[_SECRET_NAME],
    responses={
        204: OpenApiResponse(description="It is gone."),
        **parts.problems("csrf-refused", "secret-not-found"),
    },
)

_PREFIX = OpenApiParameter(
    "prefix", str, OpenApiParameter.PATH, description="The twelve characters after `as_`."
)

LIST_API_KEYS = extend_schema(
    operation_id="list_api_keys",
    summary="List API keys",
    description=(
        "Also those that were revoked or have expired; never a key itself. A key with name patterns "
        "sees those whose patterns are within its own."
    ),
    parameters=[parts.CURSOR, parts.LIMIT],
    responses={(200, JSON): parts.answer("ApiKeyPage", "A page."), **parts.problems()},
)

MAKE_API_KEY = extend_schema(
    operation_id="make_api_key",
    summary="Make an API key",
    description="Answers the key itself, once; it may do no more than whoever makes it.",
    request={JSON: KEY_SHAPE},
    responses={
        (201, JSON): parts.answer("ApiKey", "The key, with itself."),
        **parts.problems(*parts.WITH_BODY, "csrf-refused"),
    },
)

READ_API_KEY = extend_schema(
    operation_id="read_api_key",
    summary="Read about one API key",
    description="What it may do, until when, and when it was used last.",
    parameters=[_PREFIX],
    responses={
        (200, JSON): parts.answer("ApiKey", "The key, without itself."),
        **parts.problems("api-key-not-found"),
    },
)

REVOKE_API_KEY = extend_schema(
    operation_id="revoke_api_key",
    summary="Revoke an API key",
    description=(
        "It opens nothing from now on. A repeat has no further effect. A key with name patterns "
        "revokes those whose patterns are within its own; the others are not there for it."
    ),
    parameters=[_PREFIX],
    responses={
        (200, JSON): parts.answer("ApiKey", "The key, revoked."),
        **parts.problems("csrf-refused", "api-key-not-found"),
    },
)
