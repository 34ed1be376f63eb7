"""The addresses of the pages. Those of fragments begin with an underscore.

Floor 5, a door.
"""

from django.urls import include, path

from actions.web.catalogue.execute import execute
from actions.web.catalogue.views import action_detail, action_list
from actions.web.door import by_method
from actions.web.executions import cancel, detail, list_live, listing, rerun
from actions.web.home import home
from actions.web.preferences import preferences

one = "executions/<str:shown_id>"
pages = [
    path("", home, name="home"),
    path("preferences", preferences, name="preferences"),
    path("executions", listing.execution_list, name="executions"),
    path("executions/_live", list_live.execution_list_live, name="executions-live"),
    path(one, detail.execution_detail, name="execution"),
    path(f"{one}/_live", detail.execution_live, name="execution-live"),
    path(
        f"{one}/rerun",
        by_method(get=rerun.rerun_form, post=rerun.rerun),
        name="execution-rerun",
    ),
    path(f"{one}/_rerun", rerun.rerun_dialog, name="execution-rerun-dialog"),
    path(
        f"{one}/cancel",
        by_method(get=cancel.cancel_form, post=cancel.cancel),
        name="execution-cancel",
    ),
    path(f"{one}/_cancel", cancel.cancel_dialog, name="execution-cancel-dialog"),
    path("actions", action_list, name="actions"),
    path("actions/<str:name>", by_method(get=action_detail, post=execute), name="action"),
]
urlpatterns = [path("", include((pages, "web")))]
