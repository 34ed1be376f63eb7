"""Executions: the table that is also the queue.

Floor 2. `row` is what one is, `reads` are the ways to look for them.
"""

from actions.models.execution.reads import COUNT_CAP, ExecutionQuerySet
from actions.models.execution.row import Execution

__all__ = ["COUNT_CAP", "Execution", "ExecutionQuerySet"]
