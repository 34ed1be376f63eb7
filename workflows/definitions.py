"""The workflows' writer: drafts, versions, which one is active, and what is archived.

Floor 4. A draft may hold anything; what is published has been judged and never changes again. A run
keeps the version that it began with.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from actions import access, audit, canonical
from actions.actors import Actor
from actions.deeds import Deed, Target
from actions.errors import DefinitionInvalid, FieldProblem, VersionChanged
from actions.jsontypes import JSONObject
from actions.models import Action, Secret
from actions.states import Effect
from workflows.definition import digest_of, read
from workflows.definition.building import MAX_NAME, NAME
from workflows.errors import (
    WorkflowArchived,
    WorkflowExists,
    WorkflowNotFound,
    WorkflowVersionNotFound,
)
from workflows.models import Workflow, WorkflowDraft, WorkflowVersion
from workflows.validation import (
    Findings,
    KnownAction,
    KnownWorkflow,
    Report,
    Surroundings,
    asked_by,
    called_by,
    judge,
    sound,
)

MAX_MESSAGE = 500
# What stands in the API's addresses where the names of workflows do.
RESERVED = frozenset({"validate"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Published:
    """What publishing has led to; `is_new` unless the newest version was the same already."""

    workflow: Workflow
    version: WorkflowVersion
    report: Report
    is_new: bool


def validate(
    document: JSONObject, *, patterns: tuple[str, ...] = (), beside: Iterable[JSONObject] = ()
) -> Report:
    """Judge a document against the actions, workflows and secrets that there are now.

    With `patterns`, actions and workflows whose names fit none of them count as not there; the
    workflows of the documents `beside` it count as there.
    """
    reading = read(document)
    actions, workflows = called_by(reading.definition)
    callable_actions = Action.objects.with_names(actions).named_like(patterns)
    callable_workflows = Workflow.objects.with_names(workflows).named_like(patterns)
    surroundings = Surroundings(
        actions={row.name: _known_action(row) for row in callable_actions},
        workflows={
            known.name: known
            for known in (
                *(_known_by(row.active.document) for row in callable_workflows if row.active),
                *(_known_by(other) for other in beside),
            )
        },
        secrets={row.name: tuple(row.actions) for row in Secret.objects.catalogue()},
        roles=frozenset(access.ROLES),
        users=access.active_among(asked_by(reading.definition)),
    )
    return judge(reading, surroundings)


def create(document: JSONObject, *, by: Actor) -> Workflow:
    """Make a workflow, by the name in its document, which becomes its first draft.

    Raises DefinitionInvalid for a document that cannot be stored or has no possible name,
    WorkflowExists.
    """
    name = _checked_name(document)
    _check_storable(document, name=name)
    try:
        with transaction.atomic():
            workflow = Workflow.objects.create(name=name)
            draft = WorkflowDraft(workflow=workflow, document=document, edited_by=by.label)
            draft.save(force_insert=True)
            audit.note(Deed.WORKFLOW_CREATED, by=by, on=_target(workflow))
    except IntegrityError:
        raise WorkflowExists(
            f"There is a workflow {name} already; change its draft, or choose another name."
        ) from None
    return workflow


def save_draft(name: str, document: JSONObject, *, by: Actor, expected: int) -> WorkflowDraft:
    """Write what is to become the next version; it need not be valid.

    `expected` is the number of the draft that the caller has seen. Raises WorkflowNotFound,
    VersionChanged, and DefinitionInvalid for what cannot be stored or names another workflow.
    """
    _check_storable(document, name=name)
    with transaction.atomic():
        draft = _locked(name).draft
        _check_expected(draft, expected)
        if digest_of(draft.document) != digest_of(document):
            draft.document, draft.number = document, draft.number + 1
            draft.edited_by = by.label
            draft.save(update_fields=["document", "number", "edited_by", "edited_at"])
    return draft


def publish(
    name: str,
    *,
    by: Actor,
    message: str = "",
    expected: int | None = None,
    is_activating: bool = True,
    patterns: tuple[str, ...] = (),
    beside: Iterable[JSONObject] = (),
) -> Published:
    """Make a version of the draft, and the active one unless told otherwise.

    Where the newest version is the same already, no other is made. `expected`, `patterns` and
    `beside` as above; left out, they do not matter. Raises WorkflowNotFound, WorkflowArchived, VersionChanged,
    and DefinitionInvalid with all errors.
    """
    with transaction.atomic():
        workflow = _locked(name)
        if workflow.is_archived:
            raise WorkflowArchived(f"The workflow {name} is archived; take it out first.")
        draft = workflow.draft
        _check_expected(draft, expected)
        _check_storable(draft.document, name=name)
        report = validate(draft.document, patterns=patterns, beside=beside)
        report.refuse()
        newest = WorkflowVersion.objects.newest(workflow)
        is_new = newest is None or newest.digest != digest_of(draft.document)
        version = _add_version(draft, message, by=by) if is_new or newest is None else newest
        if is_activating:
            _activate(workflow, version, by=by)
    return Published(workflow=workflow, version=version, report=report, is_new=is_new)


def activate(name: str, number: int, *, by: Actor) -> Workflow:
    """Let new runs begin with that version; an older one is a roll-back. A repeat changes nothing.

    Raises WorkflowNotFound, WorkflowVersionNotFound.
    """
    with transaction.atomic():
        workflow = _locked(name)
        version = WorkflowVersion.objects.numbered(name, number)
        if version is None:
            raise no_such_version(name, number)
        _activate(workflow, version, by=by)
    return workflow


def archive(name: str, *, by: Actor, note: str = "") -> Workflow:
    """Take no new runs of a workflow; those that there are go on. A repeat changes nothing.

    Raises WorkflowNotFound.
    """
    with transaction.atomic():
        workflow = _locked(name)
        if not workflow.is_archived:
            Workflow.objects.filter(pk=workflow.pk).update(archived_at=Now(), updated_at=Now())
            audit.note(Deed.WORKFLOW_ARCHIVED, by=by, on=_target(workflow), facts={"note": note})
            workflow.refresh_from_db(fields=["archived_at", "updated_at"])
    return workflow


def unarchive(name: str, *, by: Actor) -> Workflow:
    """Take new runs of it again. A repeat changes nothing. Raises WorkflowNotFound."""
    with transaction.atomic():
        workflow = _locked(name)
        if workflow.is_archived:
            workflow.archived_at = None
            workflow.save(update_fields=["archived_at", "updated_at"])
            audit.note(Deed.WORKFLOW_UNARCHIVED, by=by, on=_target(workflow))
    return workflow


def no_such_workflow(name: str) -> WorkflowNotFound:
    """What is said of a name that is not there, and of one that is not the caller's to know."""
    return WorkflowNotFound(f"There is no workflow {name[:100]!r}; /api/v1/workflows lists them.")


def no_such_version(name: str, number: int) -> WorkflowVersionNotFound:
    """What is said of a version that is not there."""
    return WorkflowVersionNotFound(
        f"The workflow {name} has no version {number}; "
        f"/api/v1/workflows/{name}/versions lists them."
    )


def _locked(name: str) -> Workflow:
    workflow = Workflow.objects.locked(name)
    if workflow is None:
        raise no_such_workflow(name)
    return workflow


def _activate(workflow: Workflow, version: WorkflowVersion, *, by: Actor) -> None:
    before = workflow.active.number if workflow.active else 0
    if before == version.number:
        return
    workflow.active = version
    workflow.save(update_fields=["active", "updated_at"])
    deed = Deed.WORKFLOW_ROLLED_BACK if version.number < before else Deed.WORKFLOW_ACTIVATED
    facts: JSONObject = {"version": version.number, "before": before}
    audit.note(deed, by=by, on=_target(workflow), facts=facts)


def _add_version(draft: WorkflowDraft, message: str, *, by: Actor) -> WorkflowVersion:
    version = WorkflowVersion.objects.create(
        workflow=draft.workflow,
        number=WorkflowVersion.objects.highest_number(draft.workflow) + 1,
        document=draft.document,
        digest=digest_of(draft.document),
        message=message[:MAX_MESSAGE],
        published_by=by.label,
    )
    facts: JSONObject = {"version": version.number, "message": version.message}
    audit.note(Deed.WORKFLOW_PUBLISHED, by=by, on=_target(draft.workflow), facts=facts)
    return version


def _checked_name(document: JSONObject) -> str:
    name = document.get("workflow")
    if name in RESERVED:
        name = None
    if isinstance(name, str) and len(name) <= MAX_NAME and re.fullmatch(NAME, name, re.ASCII):
        return name
    detail = (
        f"Must be the name of the workflow: up to {MAX_NAME} lower-case letters, digits, dots and "
        "hyphens, such as process-new-user."
    )
    problem = FieldProblem(pointer="/workflow", code="name-not-allowed", detail=detail)
    raise DefinitionInvalid(
        f"The definition is refused. {canonical.told(problem)}", errors=[problem]
    )


def _check_storable(document: JSONObject, *, name: str) -> None:
    """Refuse what the database cannot hold, and a document that says to be another workflow."""
    problem = canonical.first_problem(document)
    if problem is None and document.get("workflow") != name:
        detail = f"Must be {name[:100]}, the name of the workflow that this is about."
        problem = FieldProblem(pointer="/workflow", code="const", detail=detail)
    if problem is not None:
        detail = f"The definition is refused. {canonical.told(problem)}"
        raise DefinitionInvalid(detail, errors=[problem])


def _check_expected(draft: WorkflowDraft, expected: int | None) -> None:
    if expected is not None and expected != draft.number:
        raise VersionChanged(
            f"The draft of {draft.workflow.name} has number {draft.number}, not {expected}; "
            f"{draft.edited_by} has changed it. Read it again, and decide whether your change "
            "still holds."
        )


def _target(workflow: Workflow) -> Target:
    return Target(kind="workflow", id=workflow.name, label=workflow.name)


def _known_action(row: Action) -> KnownAction:
    version = row.current
    if version is None:
        raise LookupError(f"The action {row.name} has no version.")
    return KnownAction(
        name=row.name,
        effect=Effect(version.effect),
        is_repeatable=version.is_repeatable,
        params_schema=version.params_schema,
        result_schema=version.result_schema,
        is_enabled=row.is_enabled,
    )


def _known_by(document: JSONObject) -> KnownWorkflow:
    # A schema that cannot be used is told where it stands, not by those who call its workflow.
    definition = sound(read(document).definition, Findings())
    return KnownWorkflow(name=definition.workflow, params_schema=definition.params_schema)
