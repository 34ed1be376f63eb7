"""What the probe's actions leave behind."""

from django.db import models


class Mark(models.Model):
    """One effect: an attempt that committed left one row."""

    name = models.CharField(max_length=100)
    attempt = models.PositiveIntegerField()
    execution = models.CharField(max_length=60)


class Parent(models.Model):
    """Something that a mark may refer to."""


class Child(models.Model):
    """Refers to a parent by a deferred foreign key."""

    parent = models.ForeignKey(Parent, on_delete=models.CASCADE)
