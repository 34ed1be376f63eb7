"""The addresses of the pages. Those of fragments begin with an underscore.

Floor 5, a door.
"""

from django.urls import include, path

from actions.web import door
from actions.web.door import by_method
from workflows import errors
from workflows.web.bulk import starting as bulk_starting
from workflows.web.bulk import views as bulk
from workflows.web.catalogue import starting, versions
from workflows.web.catalogue.views import workflow_detail, workflow_list
from workflows.web.runs import approvals, control, detail, listing, rerun

# How refusals about workflows are answered in a browser; the rest are conflicts.
door.STATUS.update(
    {
        errors.BulkRerunNotFound: 404,
        errors.RunNotFound: 404,
        errors.WorkflowNotFound: 404,
        errors.WorkflowVersionNotFound: 404,
    }
)

run = "runs/<str:shown_id>"
step = f"{run}/steps/<str:step>"
workflow = "workflows/<str:name>"
version = f"{workflow}/versions/<int:number>"
pages = [
    path("runs", listing.run_list, name="runs"),
    path(run, detail.run_detail, name="run"),
    path(f"{run}/_live", detail.run_live, name="run-live"),
    path(f"{run}/rerun", by_method(get=rerun.rerun_form, post=rerun.rerun), name="run-rerun"),
    path(
        f"{run}/cancel", by_method(get=control.cancel_form, post=control.cancel), name="run-cancel"
    ),
    path(f"{run}/pause", by_method(get=control.pause_form, post=control.pause), name="run-pause"),
    path(
        f"{run}/resume", by_method(get=control.resume_form, post=control.resume), name="run-resume"
    ),
    path(f"{step}/again", by_method(get=control.again_form, post=control.again), name="step-again"),
    path(
        f"{step}/answer",
        by_method(get=approvals.answer_form, post=approvals.answer),
        name="step-answer",
    ),
    path("bulk-reruns", bulk.bulk_list, name="bulk-reruns"),
    path(
        "bulk-reruns/new",
        by_method(get=bulk_starting.start_form, post=bulk_starting.start),
        name="bulk-rerun-new",
    ),
    path("bulk-reruns/<str:shown_id>", bulk.bulk_detail, name="bulk-rerun"),
    path("bulk-reruns/<str:shown_id>/_live", bulk.bulk_live, name="bulk-rerun-live"),
    path(
        "bulk-reruns/<str:shown_id>/stop",
        by_method(get=bulk.stop_form, post=bulk.stop),
        name="bulk-rerun-stop",
    ),
    path("approvals", approvals.approval_list, name="approvals"),
    path("workflows", workflow_list, name="workflows"),
    path(workflow, workflow_detail, name="workflow"),
    path(
        f"{workflow}/run",
        by_method(get=starting.start_form, post=starting.start),
        name="workflow-run",
    ),
    path(f"{workflow}/diff", versions.version_diff, name="version-diff"),
    path(version, versions.version_detail, name="version"),
    path(
        f"{version}/activate",
        by_method(get=versions.activate_form, post=versions.activate),
        name="version-activate",
    ),
]
urlpatterns = [path("", include((pages, "workflows-web")))]
