"""The addresses of the pages. Those of fragments begin with an underscore.

Floor 5, a door.
"""

from django.urls import include, path

from actions.web.catalogue.execute import execute
from actions.web.catalogue.views import action_detail, action_list
from actions.web.executions import cancel, detail, list_live, listing, rerun
from actions.web.home import home
from actions.web.preferences import preferences

execution = [
    path("", detail.execution_detail, name="execution"),
    path("/_live", detail.execution_live, name="execution-live"),
    path("/rerun", rerun.rerun_form, name="execution-rerun"),
    path("/_rerun", rerun.rerun_dialog, name="execution-rerun-dialog"),
    path("/reruns", rerun.rerun, name="execution-reruns"),
    path("/cancel", cancel.cancel_form, name="execution-cancel"),
    path("/_cancel", cancel.cancel_dialog, name="execution-cancel-dialog"),
    path("/cancellation", cancel.cancel, name="execution-cancellation"),
]
pages = [
    path("", home, name="home"),
    path("preferences", preferences, name="preferences"),
    path("executions", listing.execution_list, name="executions"),
    path("executions/_live", list_live.execution_list_live, name="executions-live"),
    path("executions/<str:shown_id>", include(execution)),
    path("actions", action_list, name="actions"),
    path("actions/<str:name>", action_detail, name="action"),
    path("actions/<str:name>/executions", execute, name="action-execute"),
]
urlpatterns = [path("", include((pages, "web")))]
