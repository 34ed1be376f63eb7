"""The plans of versions, each compiled once in a process.

Floor 4.
"""

from functools import lru_cache

from workflows.models import WorkflowVersion
from workflows.plan import Plan


@lru_cache(maxsize=512)
def of(version_id: int) -> Plan:
    """The plan of that version; kept, because a version never changes."""
    return Plan(WorkflowVersion.objects.get(id=version_id).document)
