"""Which rights the pages of workflows and runs need, in one place.

Floor 5, a door.
"""

from actions import access

READ_WORKFLOWS = access.READ_WORKFLOWS
WRITE_WORKFLOWS = access.WRITE_WORKFLOWS
READ_RUNS = access.READ_RUNS
WRITE_RUNS = access.WRITE_RUNS
