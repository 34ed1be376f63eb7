"""The verbs of an execution: the only writers of its rows.

Floor 4. A door calls them as `executions.submit(…)`; each is one transaction, visible at its head.
"""

from actions.executions.cancel import cancel
from actions.executions.claim import Claim, claim
from actions.executions.expect import expect
from actions.executions.perform import perform
from actions.executions.reap import reap
from actions.executions.release import release
from actions.executions.rerun import Downstream, downstream_of_rerun, rerun
from actions.executions.submit import Submission, submit

__all__ = [
    "Claim",
    "Downstream",
    "Submission",
    "cancel",
    "claim",
    "downstream_of_rerun",
    "expect",
    "perform",
    "reap",
    "release",
    "rerun",
    "submit",
]
