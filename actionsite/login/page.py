"""The login page, which takes no more tries for a while after too many failed. Floor: the site."""

import math
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from actions import logins
from actions.logins import Login
from actions.web.preferences import zone_of
from actionsite.login.address import address_of

TOO_MANY_REQUESTS = 429


class LoginForm(AuthenticationForm):
    """The form; those of one login are judged one after the other."""

    request: HttpRequest  # the page always gives it

    def clean(self) -> dict[str, Any]:
        """Wait for those before, then compare the password; a name too long is nobody's."""
        login = _login(self, self.request)
        if len(login.username) > (self.username_field.max_length or 0):
            raise self.get_invalid_login_error()
        login.take_turns()
        return super().clean()


class LoginPage(LoginView):
    """Signs people in. After too many failures it says until when no password is looked at.

    The answer is the same for user names that nobody has.
    """

    template_name = "login.html"
    authentication_form = LoginForm
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: str, **kwargs: Any) -> HttpResponse:
        """Judge, count and note in one transaction, with which the turn ends."""
        with transaction.atomic():
            return super().post(request, *args, **kwargs)

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        """Show the form again; with 429 if axes takes no more tries."""
        if not getattr(self.request, "axes_locked_out", False):
            return super().form_invalid(form)
        login = _login(form, self.request)
        until = login.refused_until()
        # axes counts only what it lets through: this try was the last of those.
        failures = getattr(self.request, "axes_failures_since_start", None)
        if failures is not None:
            logins.note_refused(
                login,
                failures=failures,
                until=until,
                request_id=getattr(self.request, "request_id", ""),
            )
        return self._refused(form, until=until)

    def _refused(self, form: AuthenticationForm, *, until: datetime) -> HttpResponse:
        seconds = max(1, math.ceil((until - timezone.now()).total_seconds()))
        context = self.get_context_data(
            form=form, refused_until=until, refused_for=timedelta(seconds=seconds)
        )
        with timezone.override(zone_of(self.request)):
            page = render(self.request, self.template_name, context, status=TOO_MANY_REQUESTS)
        page.headers["Retry-After"] = str(seconds)
        return page


def _login(form: AuthenticationForm, request: HttpRequest) -> Login:
    name = form.cleaned_data.get("username", "")
    return Login(username=name, address=address_of(request))
