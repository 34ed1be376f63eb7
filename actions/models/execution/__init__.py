"""Executions: the table that is also the queue.

Floor 2. `row` is what one is, `reads` are the ways to look for them.
"""

from actions.models.execution.reads import ExecutionQuerySet
from actions.models.execution.row import Execution
from actions.models.execution.tally import Tally

__all__ = ["Execution", "ExecutionQuerySet", "Tally"]
