"""Limits: how many hold a place under a name, and when the next one is free.

Floor 2.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q


class Limit(models.Model):
    """One counter row; made when the first execution under its name is claimed.

    Under a concurrency limit `taken` attempts run. Under a rate `free_at` is how far the even
    pace has been used up, and `wakes_at` when to look at those that it blocks.
    """

    name = models.CharField(max_length=255, primary_key=True)
    allowed = models.PositiveIntegerField()
    seconds = models.FloatField(null=True)
    taken = models.PositiveIntegerField(default=0)
    free_at = models.DateTimeField(null=True)
    wakes_at = models.DateTimeField(null=True)

    class Meta:
        """The index finds the few rates that somebody waits for."""

        indexes: ClassVar = [
            models.Index(
                fields=["wakes_at"], name="limit_wakes", condition=Q(wakes_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.name
