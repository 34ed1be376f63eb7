"""Workflows by name, their immutable versions, and the draft of the next one.

Floor 2.
"""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Max
from django.db.models.fields.json import KeyTextTransform

from actions.models.exact import DocumentField
from actions.models.lone import lone
from actions.models.patterns import regex_of

_MAX_NUMBER = 2**31 - 1


class WorkflowQuerySet(models.QuerySet["Workflow"]):
    """Reads of the workflows."""

    def catalogue(self) -> "WorkflowQuerySet":
        """Every workflow with its active version and its draft, by name."""
        return self.select_related("active", "draft").order_by("name")

    def listed(self) -> "WorkflowQuerySet":
        """Every workflow by name with its active version, of whose document only `description`."""
        described: dict[str, Any] = {
            "description": KeyTextTransform("description", "active__document")
        }
        found = self.select_related("active").defer("active__document")
        return found.annotate(**described).order_by("name")

    def in_use(self) -> "WorkflowQuerySet":
        """Those that have not been archived."""
        return self.filter(archived_at=None)

    def archived(self) -> "WorkflowQuerySet":
        """Those that have been archived."""
        return self.filter(archived_at__isnull=False)

    def mentioning(self, text: str) -> "WorkflowQuerySet":
        """Those whose name has the text; all for an empty one."""
        return self.filter(name__icontains=text) if text else self

    def named_like(self, patterns: tuple[str, ...]) -> "WorkflowQuerySet":
        """Those whose name fits one of the shell patterns; all if there is none."""
        return self.filter(name__regex=regex_of(patterns)) if patterns else self

    def following(self, name: str) -> "WorkflowQuerySet":
        """Those whose names come after that one."""
        return self.filter(name__gt=name)

    def with_names(self, names: frozenset[str]) -> "WorkflowQuerySet":
        """Those of these names that may run, with their active versions."""
        return self.in_use().select_related("active").filter(name__in=names, active__isnull=False)

    def named(self, name: str) -> "Workflow | None":
        """The workflow of that name with its active version and its draft."""
        return lone(self.select_related("active", "draft").filter(name=name))

    def locked(self, name: str) -> "Workflow | None":
        """The workflow alone, its row locked until the caller's transaction ends.

        Who has waited for the lock would get joined rows as they were before; so its version and
        its draft are read after it.
        """
        return lone(self.select_for_update(no_key=True).filter(name=name))


class Workflow(models.Model):
    """One named composition of actions; what a run does is in the version that it began with."""

    name = models.CharField(max_length=100, unique=True)
    active = models.ForeignKey(
        "WorkflowVersion", null=True, on_delete=models.PROTECT, related_name="+"
    )
    archived_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = WorkflowQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    @property
    def is_archived(self) -> bool:
        """Whether nobody may start it any more."""
        return self.archived_at is not None


class WorkflowVersionQuerySet(models.QuerySet["WorkflowVersion"]):
    """Reads of the versions."""

    def of(self, name: str) -> "WorkflowVersionQuerySet":
        """The versions of that workflow, the newest first, without their documents."""
        found = self.select_related("workflow").filter(workflow__name=name)
        return found.defer("document").order_by("-number")

    def has_been(self, workflow: Workflow, digest: str) -> bool:
        """Whether a document of that digest has ever been published."""
        return self.filter(workflow=workflow, digest=digest).exists()

    def older_than(self, number: int) -> "WorkflowVersionQuerySet":
        """Those with smaller numbers."""
        return self.filter(number__lt=number)

    def numbered(self, name: str, number: int) -> "WorkflowVersion | None":
        """One version of that workflow."""
        # A number from an address may be larger than the column's type.
        if number > _MAX_NUMBER:
            return None
        return lone(self.select_related("workflow").filter(workflow__name=name, number=number))

    def newest(self, workflow: Workflow) -> "WorkflowVersion | None":
        """The version of the workflow that was published last."""
        return lone(self.filter(workflow=workflow).order_by("-number"))

    def highest_number(self, workflow: Workflow) -> int:
        """The number of that one; 0 if there is none."""
        found = self.filter(workflow=workflow).aggregate(highest=Max("number"))["highest"]
        return found or 0


class WorkflowVersion(models.Model):
    """One definition of a workflow; a trigger refuses to change or to remove it."""

    workflow = models.ForeignKey(Workflow, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    document = DocumentField()
    digest = models.CharField(max_length=64)
    message = models.CharField(max_length=500, blank=True)
    published_by = models.CharField(max_length=250)
    published_at = models.DateTimeField(auto_now_add=True)

    objects = WorkflowVersionQuerySet.as_manager()

    class Meta:
        """Constraints are sentences."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workflow", "number"], name="workflow_version_number_is_used_once"
            ),
        ]

    def __str__(self) -> str:
        return f"version {self.number}"


class WorkflowDraft(models.Model):
    """What is being written for the next version of a workflow; it need not be valid.

    Every change raises `number`, so that whoever changes it says what they have seen.
    """

    workflow = models.OneToOneField(
        Workflow, primary_key=True, on_delete=models.PROTECT, related_name="draft"
    )
    document = DocumentField()
    number = models.PositiveIntegerField(default=1)
    edited_by = models.CharField(max_length=250)
    edited_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"draft {self.number}"
