"""The addresses of workflows below /api/v1/. Each name has its rows in `actions.api.permissions`.

Floor 5.
"""

from django.urls import path

from actions.api.waiting.view import waiting_view
from workflows.api.bulk.views import (
    BulkRerunDetail,
    BulkRerunList,
    BulkRerunPreview,
    BulkRerunRuns,
    BulkRerunStop,
)
from workflows.api.runs.commands import (
    RunCancel,
    RunEventSend,
    RunPause,
    RunResume,
    RunStepAnswer,
    RunStepRerun,
    WorkflowRuns,
)
from workflows.api.runs.reading import RunDetail, RunEvents, RunList, RunWaiting
from workflows.api.runs.reruns import RunRerun, RunRerunPreview
from workflows.api.views.drafts import WorkflowDiff, WorkflowDraft, WorkflowValidate
from workflows.api.views.schema import workflow_schema
from workflows.api.views.versions import WorkflowVersionDetail, WorkflowVersionList
from workflows.api.views.workflows import (
    WorkflowActivate,
    WorkflowArchive,
    WorkflowDetail,
    WorkflowList,
    WorkflowUnarchive,
)

app_name = "workflows-api"
urlpatterns = [
    path("schemas/workflow.json", workflow_schema, name="workflow-schema"),
    path("workflows", WorkflowList.as_view(), name="workflow-list"),
    path("workflows/validate", WorkflowValidate.as_view(), name="workflow-validate"),
    path("workflows/<str:name>", WorkflowDetail.as_view(), name="workflow-detail"),
    path("workflows/<str:name>/draft", WorkflowDraft.as_view(), name="workflow-draft"),
    path("workflows/<str:name>/diff", WorkflowDiff.as_view(), name="workflow-diff"),
    path(
        "workflows/<str:name>/versions", WorkflowVersionList.as_view(), name="workflow-version-list"
    ),
    path(
        "workflows/<str:name>/versions/<int:number>",
        WorkflowVersionDetail.as_view(),
        name="workflow-version-detail",
    ),
    path("workflows/<str:name>/activate", WorkflowActivate.as_view(), name="workflow-activate"),
    path("workflows/<str:name>/archive", WorkflowArchive.as_view(), name="workflow-archive"),
    path("workflows/<str:name>/unarchive", WorkflowUnarchive.as_view(), name="workflow-unarchive"),
    path("workflows/<str:name>/runs", waiting_view(WorkflowRuns), name="workflow-runs"),
    path("runs", RunList.as_view(), name="run-list"),
    path("runs/<str:run_id>", waiting_view(RunDetail), name="run-detail"),
    path("runs/<str:run_id>/waiting", RunWaiting.as_view(), name="run-waiting"),
    path("runs/<str:run_id>/events", RunEvents.as_view(), name="run-events"),
    path("runs/<str:run_id>/events/<str:name>", waiting_view(RunEventSend), name="run-event"),
    path("runs/<str:run_id>/cancel", waiting_view(RunCancel), name="run-cancel"),
    path("runs/<str:run_id>/pause", waiting_view(RunPause), name="run-pause"),
    path("runs/<str:run_id>/resume", waiting_view(RunResume), name="run-resume"),
    path(
        "runs/<str:run_id>/steps/<str:name>/answer",
        waiting_view(RunStepAnswer),
        name="run-step-answer",
    ),
    path(
        "runs/<str:run_id>/steps/<str:name>/rerun",
        waiting_view(RunStepRerun),
        name="run-step-rerun",
    ),
    path("runs/<str:run_id>/rerun-preview", RunRerunPreview.as_view(), name="run-rerun-preview"),
    path("runs/<str:run_id>/rerun", waiting_view(RunRerun), name="run-rerun"),
    path("bulk-reruns", BulkRerunList.as_view(), name="bulk-rerun-list"),
    path("bulk-reruns/preview", BulkRerunPreview.as_view(), name="bulk-rerun-preview"),
    path("bulk-reruns/<str:bulk_id>", BulkRerunDetail.as_view(), name="bulk-rerun-detail"),
    path("bulk-reruns/<str:bulk_id>/runs", BulkRerunRuns.as_view(), name="bulk-rerun-runs"),
    path("bulk-reruns/<str:bulk_id>/stop", BulkRerunStop.as_view(), name="bulk-rerun-stop"),
]
