"""The addresses of the pages. Those of fragments begin with an underscore.

Floor 5, a door.
"""

from django.urls import include, path

from actions.web.api_keys import making
from actions.web.api_keys import views as api_keys
from actions.web.audit.listing import audit_log
from actions.web.catalogue.execute import execute
from actions.web.catalogue.views import action_detail, action_list
from actions.web.door import by_method
from actions.web.executions import cancel, detail, list_live, listing, rerun
from actions.web.home import home
from actions.web.idempotency import detail as key
from actions.web.idempotency.listing import key_list
from actions.web.idempotency.release import release, release_form
from actions.web.preferences import preferences
from actions.web.secrets import setting
from actions.web.secrets import views as secrets

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
    path("idempotency", key_list, name="keys"),
    path("idempotency/<int:number>", key.key_detail, name="key"),
    path(
        "idempotency/<int:number>/release",
        by_method(get=release_form, post=release),
        name="key-release",
    ),
    path("audit", audit_log, name="audit"),
    path("api-keys", api_keys.api_key_list, name="api-keys"),
    path(
        "api-keys/new",
        by_method(get=making.new_key_form, post=making.make_key),
        name="api-key-new",
    ),
    path("api-keys/<str:prefix>", api_keys.api_key_detail, name="api-key"),
    path(
        "api-keys/<str:prefix>/revoke",
        by_method(get=api_keys.revoke_form, post=api_keys.revoke),
        name="api-key-revoke",
    ),
    path("secrets", secrets.secret_list, name="secrets"),
    # No secret can have that name, so the form is in nobody's way.
    path("secrets/+new", by_method(get=setting.new_form, post=setting.make), name="secret-new"),
    path("secrets/<str:name>", secrets.secret_detail, name="secret"),
    path(
        "secrets/<str:name>/value",
        by_method(get=setting.value_form, post=setting.set_value),
        name="secret-value",
    ),
    path(
        "secrets/<str:name>/readers",
        by_method(get=setting.readers_form, post=setting.set_readers),
        name="secret-readers",
    ),
    path(
        "secrets/<str:name>/remove",
        by_method(get=secrets.remove_form, post=secrets.remove),
        name="secret-remove",
    ),
]
urlpatterns = [path("", include((pages, "web")))]
