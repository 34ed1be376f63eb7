"""Where each address leads. Floor: the site."""

from django.conf import settings
from django.contrib.auth.views import LogoutView
from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView

from actionsite.api_docs import api_docs
from actionsite.login.page import LoginPage
from actionsite.problems.pages import problem_page

handler400 = "actionsite.problems.handlers.bad_request"
handler403 = "actionsite.problems.handlers.permission_denied"
handler404 = "actionsite.problems.handlers.page_not_found"
handler500 = "actionsite.problems.handlers.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", include("actions.api.urls")),
    path("api/v1/", include("workflows.api.urls")),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", api_docs, name="api-docs"),
    path("api/problems/<slug:code>", problem_page, name="problem"),
    path("login", LoginPage.as_view(), name="login"),
    path("logout", LogoutView.as_view(), name="logout"),
    path("", include("actions.web.urls")),
    path("", include("workflows.web.urls")),
]
if settings.ACTIONSITE_DEMO:
    urlpatterns.append(path("", include("onboarding.urls")))
