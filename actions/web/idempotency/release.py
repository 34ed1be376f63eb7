"""*Release…*: what it means, and the press of its button.

Floor 5, a door.
"""

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from actions import executions
from actions.errors import ExecutionInProgress, IdempotencyKeyNotFound
from actions.models import IdempotencyRecord
from actions.web.confirm import Question, ask
from actions.web.door import PageRequest, going_to, page, require
from actions.web.forms.reason import reason_of
from actions.web.idempotency.detail import find, refusal_of, rights_to_release
from actions.web.idempotency.listing import KeyRow

WORDS = (
    "The next request with this key executes anew, whatever its params. The {what} that it "
    "stands for stays as it is. Release a key only if a second effect is wanted."
)


@require_safe
@page("executions:write")
def release_form(request: PageRequest, number: int) -> HttpResponse:
    """The confirmation, as a page of its own or as a dialog."""
    return ask(request, _question(_releasable(request, number)))


@page("executions:write")
def release(request: PageRequest, number: int) -> HttpResponse:
    """Free the key and lead back to its page; refused if it stands for another execution now."""
    row = _releasable(request, number)
    record = _in_force(row)
    if request.POST.get("about") != record.shown_holder:
        raise ExecutionInProgress(
            f"The key stands for {record.shown_holder} by now. Look at it, and ask again."
        )
    executions.release(record, by=request.principal.actor, reason=reason_of(request))
    messages.success(request, "Released: the next request with this key executes anew.")
    return going_to(request, _url(row))


def _releasable(request: PageRequest, number: int) -> KeyRow:
    """The key, if whoever asks may release it; raises InsufficientScope."""
    row = find(request, number)
    for right in rights_to_release(row):
        require(request, right, name=row.holder.name)
    return row


def _in_force(row: KeyRow) -> IdempotencyRecord:
    record = row.record
    found = IdempotencyRecord.objects.in_force(kind=record.kind, name=record.name, key=record.key)
    if found is None:
        raise IdempotencyKeyNotFound("The key is free already; nothing was changed.")
    return found


def _question(row: KeyRow) -> Question:
    return Question(
        title="Release this key?",
        subject=row.record.key,
        words=WORDS.format(what=row.what),
        button="Release the key",
        url=reverse("web:key-release", args=[row.record.pk]),
        back=_url(row),
        takes_reason=True,
        refusal=refusal_of(row),
        about=row.holder.shown_id,
    )


def _url(row: KeyRow) -> str:
    return reverse("web:key", args=[row.record.pk])
