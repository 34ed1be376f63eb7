"""Run a declarative action of either kind, as this installation's settings say.

Floor 3.
"""

import secrets
from typing import Any

from django.conf import settings

from actions import schema
from actions.context import Context
from actions.declarative import EmailDefinition, HttpDefinition, parse
from actions.executor import outside
from actions.executor.email import send_email
from actions.executor.http import Outside, call_http
from actions.jsontypes import JSON, JSONObject
from actions.registry import ActionSpec


def declared_spec(name: str, document: JSONObject) -> ActionSpec:
    """A declarative action as one in code would be; raises DefinitionInvalid."""
    definition = parse(document)

    async def act(ctx: Context, /, **params: Any) -> Any:
        whole = schema.with_defaults(definition.params_schema, params)
        return await run_declared(
            definition, params=whole, context=ctx, traceparent=_traceparent(ctx.trace_id)
        )

    return ActionSpec(
        name=name,
        function=act,
        effect=definition.effect,
        repeatable=definition.repeatable,
        params_schema=definition.params_schema,
        result_schema=definition.result_schema,
        retry=definition.retry,
        timeout_seconds=definition.timeout_seconds,
        idempotency=definition.idempotency,
        key_retention=definition.key_retention,
        queue=definition.queue,
        priority=definition.priority,
        limits=definition.limits,
        description=definition.description,
        digest=definition.digest,
    )


def _traceparent(trace_id: str) -> str | None:
    """A span of our own within the caller's trace; None outside of any."""
    return f"00-{trace_id}-{secrets.token_hex(8)}-01" if trace_id else None


async def run_declared(
    definition: HttpDefinition | EmailDefinition,
    *,
    params: JSONObject,
    context: Context,
    traceparent: str | None = None,
) -> JSON:
    """Do what the definition says, once, and return the result as JSON.

    `params` fit the definition's schema and have its defaults. Raises Retry, Final or Uncertain;
    limits of time and of the result's size and schema are the caller's.
    """
    if isinstance(definition, HttpDefinition):
        reach = Outside(guard=outside.guard())
        return await call_http(
            definition, params=params, context=context, outside=reach, traceparent=traceparent
        )
    return await send_email(
        definition,
        params=params,
        context=context,
        server=outside.mail_server(),
        sender=settings.ACTIONSITE_MAIL_FROM,
        guard=outside.mail_guard(),
    )
