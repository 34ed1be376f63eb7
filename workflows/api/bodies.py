"""Rows as JSON, made from nothing but the stored row. Floor 5.

`shapes` documents what is made here.
"""

from dataclasses import asdict

from actions.api.bodies import moment
from actions.jsontypes import JSONObject
from workflows import yaml
from workflows.api import links
from workflows.comparison import Change
from workflows.models import Workflow, WorkflowDraft, WorkflowVersion
from workflows.validation import Report


def workflow(row: Workflow) -> JSONObject:
    """One workflow, with its active version and its draft at hand."""
    return {
        "object": "workflow",
        "name": row.name,
        "description": str(row.active.document.get("description", "")) if row.active else "",
        "active_version": row.active.number if row.active else None,
        "params_schema": row.active.document.get("params", {}) if row.active else None,
        "draft": row.draft.number,
        "archived_at": moment(row.archived_at),
        "created_at": moment(row.created_at),
        "updated_at": moment(row.updated_at),
        "links": links.of_workflow(row.name),
    }


def draft(row: WorkflowDraft, report: Report) -> JSONObject:
    """What is to become the next version, and what is wrong with it so far."""
    return {
        "object": "workflow_draft",
        "workflow": row.workflow.name,
        "number": row.number,
        "document": yaml.ordered(row.document),
        "edited_by": row.edited_by,
        "edited_at": moment(row.edited_at),
        **problems(report),
    }


def version_entry(row: WorkflowVersion, *, is_active: bool) -> JSONObject:
    """One version, as it is listed."""
    return {"object": "workflow_version_entry", **_of_version(row, is_active=is_active)}


def version(row: WorkflowVersion, report: Report, *, is_active: bool) -> JSONObject:
    """One version with its document, and what is wrong with that by now."""
    return {
        "object": "workflow_version",
        **_of_version(row, is_active=is_active),
        "document": yaml.ordered(row.document),
        **problems(report),
    }


def _of_version(row: WorkflowVersion, *, is_active: bool) -> JSONObject:
    return {
        "workflow": row.workflow.name,
        "version": row.number,
        "active": is_active,
        "digest": row.digest,
        "message": row.message,
        "published_by": row.published_by,
        "published_at": moment(row.published_at),
        "links": {"self": links.version(row.workflow.name, row.number)},
    }


def problems(report: Report) -> JSONObject:
    """What a validation has found."""
    return {
        "problems": [asdict(problem) for problem in report.problems],
        "more_problems": report.more_errors + report.more_warnings,
    }


def validation(report: Report) -> JSONObject:
    """Whether a document could be published."""
    return {"object": "validation", "valid": not report.errors, **problems(report)}


def diff(name: str, ends: tuple[str, str], changes: tuple[Change, ...]) -> JSONObject:
    """What has changed from one document to another."""
    return {
        "object": "workflow_diff",
        "workflow": name,
        "from": ends[0],
        "to": ends[1],
        "changes": [asdict(change) | {"sentence": change.sentence} for change in changes],
    }
