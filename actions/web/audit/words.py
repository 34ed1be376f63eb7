"""One audit event as a line that people read, and the way to what it was done to.

Floor 5, a door.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from actions import masking, moments
from actions.deeds import Deed
from actions.jsontypes import JSON, JSONObject
from actions.models import ApiKey, AuditEvent
from actions.templatetags.times import full

WORDS: dict[str, str] = {
    Deed.API_KEY_CREATED: "made the API key",
    Deed.API_KEY_REVOKED: "revoked the API key",
    Deed.USER_CREATED: "added the person",
    Deed.LOGIN_REFUSED: "refused more tries to sign in as",
    Deed.ACTION_DEFINED: "defined the action",
    Deed.ACTION_GONE: "found no code any more for the action",
    Deed.ACTION_RETURNED: "found code again for the action",
    Deed.ACTION_DISABLED: "disabled the action",
    Deed.ACTION_ENABLED: "enabled the action",
    Deed.WORKFLOW_CREATED: "created the workflow",
    Deed.WORKFLOW_PUBLISHED: "published the workflow",
    Deed.WORKFLOW_ACTIVATED: "activated a version of the workflow",
    Deed.WORKFLOW_ROLLED_BACK: "rolled back the workflow",
    Deed.WORKFLOW_ARCHIVED: "archived the workflow",
    Deed.WORKFLOW_UNARCHIVED: "brought back the workflow",
    Deed.BULK_RERUN_STARTED: "started the bulk re-run",
    Deed.BULK_RERUN_STOPPED: "stopped the bulk re-run",
    Deed.BULK_RERUN_REPLAYED: "asked again for the bulk re-run",
    Deed.BULK_RERUN_MISMATCH_REFUSED: "asked for something else with the key of the bulk re-run",
    Deed.SECRET_SET: "set the secret",
    Deed.SECRET_ALLOWED: "changed who may read the secret",
    Deed.SECRET_REMOVED: "removed the secret",
    Deed.VAULT_KEY_ROTATED: "rotated to",
    Deed.IDEMPOTENCY_KEY_RELEASED: "released",
}
MAX_BRIEF = 160


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One deed: who did what to which thing; `href` leads to the thing, if it has a page."""

    event: AuditEvent
    words: str
    href: str
    brief: str
    facts: JSONObject


def lines_of(events: Sequence[AuditEvent]) -> list[Line]:
    """The lines of some events; one query for all of them."""
    numbers = {int(each.object_id) for each in events if each.object_kind == "api_key"}
    prefixes = ApiKey.objects.prefixes(numbers)
    return [_line(each, prefixes) for each in events]


def _line(event: AuditEvent, prefixes: dict[int, str]) -> Line:
    facts = masking.masked(event.data)
    return Line(
        event=event,
        words=WORDS.get(event.verb, event.verb),
        href=_href(event, prefixes),
        brief=_brief(facts),
        facts=facts,
    )


def _href(event: AuditEvent, prefixes: dict[int, str]) -> str:
    if event.verb == Deed.IDEMPOTENCY_KEY_RELEASED:
        if "run" in event.data:
            return reverse("workflows-web:run", args=[event.data["run"]])
        return reverse("web:execution", args=[event.data["execution"]])
    match event.object_kind:
        case "action" | "secret" as kind:
            return reverse(f"web:{kind}", args=[event.object_id])
        case "api_key":
            prefix = prefixes.get(int(event.object_id))
            return reverse("web:api-key", args=[prefix]) if prefix else ""
        case "bulk_rerun":
            return reverse("workflows-web:bulk-rerun", args=[event.object_id])
    return ""


def _brief(facts: JSONObject) -> str:
    told = (
        f"{name.replace('_', ' ')} {_plain(name, value)}"
        for name, value in facts.items()
        if value not in (None, "")
    )
    text = "; ".join(told)
    return text if len(text) <= MAX_BRIEF else f"{text[:MAX_BRIEF]}…"


def _plain(name: str, value: JSON) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "all"
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = str(value)
    try:
        return full(moments.read(text)) if name.endswith("_at") else text
    except ValueError:
        return text
