"""The plans of versions, each compiled once in a process.

Floor 4.
"""

from collections.abc import Iterable
from functools import lru_cache

from workflows.models import WorkflowVersion
from workflows.plan import Plan

# Of plans with so few actions all of them are read at once, which saves the later questions.
_FEW = 64


@lru_cache(maxsize=512)
def of(version_id: int) -> Plan:
    """The plan of that version; kept, because a version never changes."""
    return Plan(WorkflowVersion.objects.get(id=version_id).document)


def actions_of(plans: Iterable[Plan]) -> set[str]:
    """The actions of those plans that have few."""
    return set().union(*(plan.actions for plan in plans if len(plan.actions) <= _FEW))
