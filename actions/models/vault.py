"""What is sealed: the keys that seal values, and the secrets that actions read.

Floor 2. Everything here is bytes that only a process with the installation's vault key can open.
"""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F

from actions.models.lone import lone


class VaultKeyQuerySet(models.QuerySet["VaultKey"]):
    """Reads of the keys."""

    def newest(self) -> "VaultKey | None":
        """The one that seals what is new."""
        return lone(self.order_by("-id"))

    def with_id(self, key_id: int) -> "VaultKey | None":
        """The key of that number."""
        return lone(self.filter(id=key_id))


class VaultKey(models.Model):
    """A random key that seals values, itself sealed by the installation's vault key.

    So a change of the installation's key seals a few rows anew, and not every value.
    """

    master_id = models.CharField(max_length=16)
    sealed = models.BinaryField(max_length=60)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = VaultKeyQuerySet.as_manager()

    def __str__(self) -> str:
        return f"vault key {self.pk}"


class SecretQuerySet(models.QuerySet["Secret"]):
    """Reads of the secrets; none of them gives a value away."""

    def catalogue(self) -> "SecretQuerySet":
        """Those that have not been removed, by name."""
        return self.filter(removed_at=None).order_by("name")

    def following(self, name: str) -> "SecretQuerySet":
        """Those whose names come after that one."""
        return self.filter(name__gt=name)

    def named(self, name: str) -> "Secret | None":
        """The secret of that name, unless it has been removed."""
        return lone(self.filter(name=name, removed_at=None)) if name.isprintable() else None

    def locked(self, name: str) -> "Secret | None":
        """The secret of that name, removed or not, locked until the end of the transaction."""
        return lone(self.select_for_update().filter(name=name)) if name.isprintable() else None


class Secret(models.Model):
    """A named value that actions may read; every value that it has had is a version."""

    name = models.CharField(max_length=63, unique=True)
    # The actions that may read it, as shell patterns; empty means all.
    actions = ArrayField(models.CharField(max_length=200), default=list)
    version_number = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    updated_by = models.CharField(max_length=250)
    removed_at = models.DateTimeField(null=True)

    objects = SecretQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class SecretVersionQuerySet(models.QuerySet["SecretVersion"]):
    """Reads of the values."""

    def of(self, name: str, *, limit: int) -> list["SecretVersion"]:
        """Up to `limit` values that a secret has had, the newest first, without what is sealed."""
        found = self.filter(secret__name=name).order_by("-number")
        return list(found.defer("sealed")[:limit])

    def current(self, name: str) -> "SecretVersion | None":
        """The value that a secret has now, sealed; None if there is none of that name."""
        is_current = {"number": F("secret__version_number"), "secret__removed_at": None}
        return lone(self.select_related("secret").filter(secret__name=name, **is_current))


class SecretVersion(models.Model):
    """One value that a secret has had; never changed once it is written."""

    secret = models.ForeignKey(Secret, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    sealed = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.CharField(max_length=250)

    objects = SecretVersionQuerySet.as_manager()

    class Meta:
        """Constraints are sentences."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["secret", "number"], name="secret_version_number_is_used_once"
            ),
        ]

    def __str__(self) -> str:
        return f"version {self.number}"
