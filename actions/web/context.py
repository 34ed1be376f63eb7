"""What the frame around every page shows: who, where, and the way to the other pages.

Floor 5, a door; the context processor `shell` of the templates.
"""

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse

from actions.web import preferences
from actions.web.demo import Demo, demo


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One line of the navigation; `key` is pressed after g."""

    label: str
    href: str
    icon: str
    key: str
    is_current: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """Some lines of the navigation under a title, which may be empty."""

    title: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Shell:
    """The frame of one page."""

    environment: str
    environment_label: str
    theme: str
    theme_label: str
    next_theme: str
    zone: str
    user_name: str
    role: str
    brand: str
    demo: Demo | None
    may_operate: bool
    navigation: tuple[Group, ...]

    @property
    def initials(self) -> str:
        """Up to two letters for the one who is signed in."""
        words = self.user_name.replace(".", " ").replace("@", " ").replace("-", " ").split()
        return "".join(word[0] for word in words[:2]).upper() or "?"

    @property
    def user_label(self) -> str:
        """The one who is signed in, with the role."""
        return f"{self.user_name}, {self.role}" if self.role else self.user_name


def shell(request: HttpRequest) -> dict[str, Shell]:
    """The frame for this request, under the name `shell`."""
    theme = preferences.theme_of(request)
    principal = getattr(request, "principal", None)
    user = getattr(request, "user", AnonymousUser())
    frame = Shell(
        environment=settings.ACTIONSITE_ENVIRONMENT,
        environment_label=settings.ACTIONSITE_ENVIRONMENT.capitalize(),
        theme="" if theme == "system" else theme,
        theme_label=theme,
        next_theme=preferences.next_theme(theme),
        zone=preferences.zone_of(request).key,
        user_name=_name_of(user),
        role=getattr(request, "role", ""),
        brand=f"{static('icons/sprite.svg')}#brand",
        demo=demo() if user.is_authenticated else None,
        may_operate=principal is not None and principal.may("executions:write"),
        navigation=_navigation(request),
    )
    return {"shell": frame}


def _name_of(user: AbstractBaseUser | AnonymousUser) -> str:
    full_name = getattr(user, "get_full_name", str)()
    return full_name or user.get_username()


def _navigation(request: HttpRequest) -> tuple[Group, ...]:
    principal = getattr(request, "principal", None)
    drawn = (
        Group(
            title=title,
            entries=tuple(
                Entry(
                    label=label,
                    href=reverse(name),
                    icon=icon,
                    key=key,
                    is_current=request.path.startswith(reverse(name)),
                )
                for label, name, icon, key, right in entries
                if principal is not None and principal.may(right)
            ),
        )
        for title, entries in _GROUPS
    )
    return tuple(group for group in drawn if group.entries)


# Each entry: its label, its page, its icon, the key that is pressed after g, the right it needs.
_GROUPS = (
    (
        "",
        (
            ("Runs", "workflows-web:runs", "i-runs", "r", "runs:read"),
            ("Approvals", "workflows-web:approvals", "s-waiting", "p", "runs:read"),
            ("Workflows", "workflows-web:workflows", "i-overview", "w", "workflows:read"),
            ("Executions", "web:executions", "i-executions", "e", "executions:read"),
            ("Actions", "web:actions", "i-actions", "a", "actions:read"),
        ),
    ),
    (
        "Record",
        (
            ("Idempotency", "web:keys", "s-reused", "i", "executions:read"),
            ("Audit log", "web:audit", "i-audit", "l", "admin"),
        ),
    ),
    (
        "Access",
        (
            ("API keys", "web:api-keys", "i-key", "k", "admin"),
            ("Secrets", "web:secrets", "i-secret", "s", "admin"),
        ),
    ),
)
