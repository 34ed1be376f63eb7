"""Bringing workflows in from files, so that what stands in Git is what runs.

Floor 4, above `definitions`, whose verbs it calls.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

from django.db import transaction

from actions.actors import Actor
from actions.errors import DefinitionInvalid, VersionChanged
from actions.jsontypes import JSONObject
from workflows import definitions
from workflows.comparison import Change, compare
from workflows.definition import digest_of, read
from workflows.graph import graph
from workflows.models import Workflow, WorkflowVersion
from workflows.validation import Report, called_by

What = Literal["added", "changed", "unchanged"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Brought:
    """What bringing one workflow in has led to, or would lead to."""

    name: str
    what: What
    number: int
    changes: tuple[Change, ...] = ()
    report: Report = field(default_factory=Report)


@transaction.atomic
def bring_in(
    documents: Iterable[JSONObject],
    *,
    by: Actor,
    message: str = "",
    is_forced: bool = False,
    is_trial: bool = False,
) -> list[Brought]:
    """Publish and activate each document that differs from its active version; all or none.

    What is called comes before what calls it. A draft with changes that were never published is not
    overwritten unless `is_forced`; a trial writes nothing. Raises DefinitionInvalid, also where two
    documents have one name, WorkflowArchived, VersionChanged for such a draft.
    """
    ordered = _in_order(documents)
    bring = partial(_bring_one, beside=ordered, by=by, message=message, is_forced=is_forced)
    brought = [bring(one) for one in ordered]
    if is_trial:
        transaction.set_rollback(True)
    return brought


def _in_order(documents: Iterable[JSONObject]) -> list[JSONObject]:
    named: dict[str, JSONObject] = {}
    for document in documents:
        name = str(document.get("workflow"))
        if name in named:
            raise DefinitionInvalid(
                f"There are two documents of the workflow {name[:100]}; keep one."
            )
        named[name] = document
    calls = {name: sorted(called_by(read(one).definition)[1]) for name, one in named.items()}
    order = graph(calls).order
    # Who call one another in a circle are judged beside each other, so their order does not matter.
    return [named[name] for name in [*order, *(named.keys() - set(order))]]


def _bring_one(
    document: JSONObject,
    *,
    beside: list[JSONObject],
    by: Actor,
    message: str,
    is_forced: bool,
) -> Brought:
    name = str(document.get("workflow"))
    workflow = Workflow.objects.named(name)
    if workflow is None:
        workflow = definitions.create(document, by=by)
        what: What = "added"
    else:
        what = "changed"
    active: JSONObject = workflow.active.document if workflow.active else {}
    if workflow.active and workflow.active.digest == digest_of(document):
        return Brought(name=name, what="unchanged", number=workflow.active.number)
    _check_draft(workflow, document, is_forced=is_forced)
    definitions.save_draft(name, document, by=by, expected=workflow.draft.number)
    published = definitions.publish(name, by=by, message=message, beside=beside)
    return Brought(
        name=name,
        what=what,
        number=published.version.number,
        changes=compare(active, document) if active else (),
        report=published.report,
    )


def _check_draft(workflow: Workflow, document: JSONObject, *, is_forced: bool) -> None:
    """Refuse to overwrite what somebody is still writing."""
    digest = digest_of(workflow.draft.document)
    if is_forced or digest == digest_of(document) or workflow.active is None:
        return
    if not WorkflowVersion.objects.has_been(workflow, digest):
        raise VersionChanged(
            f"The draft of {workflow.name} has changes by {workflow.draft.edited_by} that were "
            "never published; publish them, or overwrite the draft (--force)."
        )
