"""API keys.

Floor 2.
"""

from collections.abc import Collection
from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models

from actions.models.lone import lone


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    """Reads of the keys."""

    def by_prefix(self, prefix: str) -> "ApiKey | None":
        """The key with that public part, whatever its state."""
        return lone(self.filter(prefix=prefix)) if prefix.isprintable() else None

    def following(self, prefix: str) -> "ApiKeyQuerySet":
        """The keys, whatever their state, whose public parts come after that one, by these."""
        return self.filter(prefix__gt=prefix).order_by("prefix")

    def newest(self, *, limit: int, before: int | None = None) -> list["ApiKey"]:
        """Up to `limit` keys, whatever their state, the newest first, older than that number."""
        older = self if before is None else self.filter(id__lt=before)
        return list(older.order_by("-id")[:limit])

    def prefixes(self, numbers: Collection[int]) -> dict[int, str]:
        """The public parts of the keys with these numbers."""
        return dict(self.filter(id__in=numbers).values_list("id", "prefix"))


class ApiKey(models.Model):
    """A program's credential: only a digest of it is kept, the key itself is shown once."""

    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=32, unique=True)
    digest = models.BinaryField(max_length=32)
    scopes = ArrayField(models.CharField(max_length=40))
    # Names of actions and workflows that the key may touch, as shell patterns; empty means all.
    patterns = ArrayField(models.CharField(max_length=200), default=list)
    created_by = models.CharField(max_length=150)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    objects = ApiKeyQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    def is_in_force(self, now: datetime) -> bool:
        """Whether it opens anything: it has been neither revoked nor outlived."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > now)
