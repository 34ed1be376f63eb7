"""Run a declarative action of either kind, as this installation's settings say.

Floor 3.
"""

from django.conf import settings

from actions.context import Context
from actions.declarative import EmailDefinition, HttpDefinition
from actions.executor import outside
from actions.executor.email import send_email
from actions.executor.http import Outside, call_http
from actions.jsontypes import JSON, JSONObject


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
        guard=outside.guard(),
    )
