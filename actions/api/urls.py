"""The addresses below /api/v1/. Each name has its rows in `permissions`. Floor 5."""

from django.urls import path

from actions.api.following.view import following_view
from actions.api.views.api_keys import ApiKeyDetail, ApiKeyList
from actions.api.views.audit import AuditEventList
from actions.api.views.batch import ExecutionBatch
from actions.api.views.catalogue import ActionDetail, ActionDisable, ActionEnable, ActionList
from actions.api.views.commands import ExecutionCancel, ExecutionRerun
from actions.api.views.execute import ActionExecutions
from actions.api.views.executions import (
    ExecutionDetail,
    ExecutionEvents,
    ExecutionList,
    ExecutionWaiting,
)
from actions.api.views.idempotency import IdempotencyKeys
from actions.api.views.secrets import SecretDetail, SecretList
from actions.api.waiting.view import waiting_view

app_name = "api"
urlpatterns = [
    path("actions", ActionList.as_view(), name="action-list"),
    path("actions/<str:name>", ActionDetail.as_view(), name="action-detail"),
    path("actions/<str:name>/executions", waiting_view(ActionExecutions), name="action-executions"),
    path("actions/<str:name>/disable", ActionDisable.as_view(), name="action-disable"),
    path("actions/<str:name>/enable", ActionEnable.as_view(), name="action-enable"),
    path("audit-events", AuditEventList.as_view(), name="audit-event-list"),
    path("executions/batch", ExecutionBatch.as_view(), name="execution-batch"),
    path("executions", ExecutionList.as_view(), name="execution-list"),
    path("executions/<str:execution_id>", waiting_view(ExecutionDetail), name="execution-detail"),
    path(
        "executions/<str:execution_id>/events",
        following_view(ExecutionEvents),
        name="execution-events",
    ),
    path(
        "executions/<str:execution_id>/waiting",
        ExecutionWaiting.as_view(),
        name="execution-waiting",
    ),
    path(
        "executions/<str:execution_id>/cancel",
        waiting_view(ExecutionCancel),
        name="execution-cancel",
    ),
    path(
        "executions/<str:execution_id>/rerun", waiting_view(ExecutionRerun), name="execution-rerun"
    ),
    path("idempotency-keys", IdempotencyKeys.as_view(), name="idempotency-keys"),
    path("api-keys", ApiKeyList.as_view(), name="api-key-list"),
    path("api-keys/<str:prefix>", ApiKeyDetail.as_view(), name="api-key-detail"),
    path("secrets", SecretList.as_view(), name="secret-list"),
    path("secrets/<str:name>", SecretDetail.as_view(), name="secret-detail"),
]
