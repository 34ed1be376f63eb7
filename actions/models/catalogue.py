"""The catalogue: actions by name and their immutable versions.

Floor 2.
"""

from typing import ClassVar

from django.db import connections, models
from django.db.models import Q

from actions.models.exact import DocumentField
from actions.models.lone import lone
from actions.models.patterns import regex_of
from actions.names import INTERNAL

_COLUMNS = "id, name, origin, is_enabled, disabled_note, current_id, created_at, updated_at"
_BY_NAME = f"SELECT {_COLUMNS} FROM actions_action WHERE name = %s"  # noqa: S608  # a constant


class ActionQuerySet(models.QuerySet["Action"]):
    """Reads of the catalogue."""

    def whole(self) -> "ActionQuerySet":
        """Every action with its current version, by name; also the engine's own."""
        return self.select_related("current").order_by("name")

    def catalogue(self) -> "ActionQuerySet":
        """The same without the engine's own, which nobody else may ask for."""
        return self.whole().exclude(name__startswith=INTERNAL)

    def mentioning(self, text: str) -> "ActionQuerySet":
        """Those whose name or description has the text; all for an empty one."""
        if not text:
            return self
        return self.filter(Q(name__icontains=text) | Q(current__description__icontains=text))

    def defined(self) -> "ActionQuerySet":
        """Those that have a version."""
        return self.filter(current__isnull=False)

    def declared(self) -> "ActionQuerySet":
        """Those that are made of data."""
        return self.filter(current__definition__isnull=False)

    def named_like(self, patterns: tuple[str, ...]) -> "ActionQuerySet":
        """Those whose name fits one of the shell patterns; all if there is none."""
        return self.filter(name__regex=regex_of(patterns)) if patterns else self

    def with_names(self, names: frozenset[str]) -> "ActionQuerySet":
        """Those of these names, with their current versions."""
        return self.catalogue().defined().filter(name__in=names)

    def following(self, name: str) -> "ActionQuerySet":
        """Those whose names come after that one."""
        return self.filter(name__gt=name)

    def by_name(self, name: str) -> "Action | None":
        """The action of that name, without its version; costs one small statement."""
        with connections[self.db].cursor() as cursor:
            cursor.execute(_BY_NAME, [name])
            row = cursor.fetchone()
        return Action.from_db(self.db, _COLUMNS.split(", "), row) if row else None

    def named(self, name: str) -> "Action | None":
        """The action of that name with its current version."""
        return lone(self.select_related("current").filter(name=name))

    def locked(self, name: str) -> "Action | None":
        """The same, its row locked until the caller's transaction ends."""
        return lone(
            self.select_for_update(of=["self"], no_key=True)
            .select_related("current")
            .filter(name=name)
        )


class Action(models.Model):
    """One named function of the catalogue; what it does is in its current version."""

    class Origin(models.TextChoices):
        """Where the definition is kept."""

        CODE = "code"  # in an app's actions.py; read-only here
        DECLARATIVE = "declarative"  # made of fields, edited here

    name = models.CharField(max_length=100, unique=True)
    origin = models.CharField(max_length=20, choices=Origin)
    is_enabled = models.BooleanField(default=True)
    disabled_note = models.CharField(max_length=500, blank=True)
    # When a sync found that the code declares it no longer; null while it does.
    code_gone_at = models.DateTimeField(null=True)
    current = models.ForeignKey(
        "ActionVersion", null=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ActionQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class ActionVersion(models.Model):
    """One definition that an action has had; never changed once it is written."""

    action = models.ForeignKey(Action, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    effect = models.CharField(max_length=20)
    is_repeatable = models.BooleanField()
    # What a declarative action does, as it was written; null for one in code.
    definition = DocumentField(null=True)
    created_by = models.CharField(max_length=250, blank=True, default="", db_default="")
    # A coroutine, or made of data: a worker runs many of them at a time.
    is_concurrent = models.BooleanField(default=False)
    params_schema = models.JSONField()
    result_schema = models.JSONField()
    retry = models.JSONField()
    timeout_seconds = models.FloatField(null=True)
    idempotency = models.CharField(max_length=20)
    # Days, or "forever"; null for what the installation's setting says.
    key_retention = models.JSONField(null=True)
    queue = models.CharField(max_length=63)
    priority = models.SmallIntegerField(default=0, db_default=0)
    limits = models.JSONField(default=list, db_default=[])
    description = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Constraints are sentences."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["action", "number"], name="action_version_number_is_used_once"
            ),
        ]

    def __str__(self) -> str:
        return f"version {self.number}"
