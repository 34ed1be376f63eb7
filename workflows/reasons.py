"""Why a run or a step does not go on, a word for each.

Floor 1, pure.
"""

IN_PROGRESS = "in_progress"  # its steps run, or will as soon as a worker is free
TIME = "time"
APPROVAL = "approval"
EVENT = "event"
SUB_RUN = "sub_run"
PAUSED = "paused"
CANCELLING = "cancelling"
KEY = "concurrency_key"
ACTION_MISSING = "action_missing"  # nobody has ever declared it here
ACTION_DISABLED = "action_disabled"
COMPENSATING = "compensating"
HANDLING_FAILURE = "handling_failure"
