"""What is done with runs: start, advance, cancel, pause, answer, re-run.

Floor 4. Nobody else writes the rows of runs and steps.
"""

from workflows.runs.admission import admit
from workflows.runs.answer import answer, time_out
from workflows.runs.control import cancel, pause, resume
from workflows.runs.expect import expect
from workflows.runs.gates import active_version, check_may_answer
from workflows.runs.reruns import preview, rerun, step_again
from workflows.runs.send import send
from workflows.runs.start import start
from workflows.runs.submit import submit
from workflows.runs.unblocking import unblock
from workflows.runs.writing import make_partitions

__all__ = [
    "active_version",
    "admit",
    "answer",
    "cancel",
    "check_may_answer",
    "expect",
    "make_partitions",
    "pause",
    "preview",
    "rerun",
    "resume",
    "send",
    "start",
    "step_again",
    "submit",
    "time_out",
    "unblock",
]
