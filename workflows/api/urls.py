"""The addresses of workflows below /api/v1/. Each name has its rows in `actions.api.permissions`.

Floor 5.
"""

from django.urls import path

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
]
