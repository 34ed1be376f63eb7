"""Run again what has ended, as a person asks for it, after saying what that would do.

Floor 4. History is never rewritten: a new run takes over the results that need no repeat, and both
runs have links to each other. Only `step_again` goes on in the same run, with a new execution.
"""

from workflows.runs.reruns.again import step_again
from workflows.runs.reruns.preview import preview
from workflows.runs.reruns.verb import rerun
from workflows.runs.reruns.verdicts import Entry, Preview, RerunWish, Verdict
from workflows.runs.reruns.wanting import WantedReason, wanted_reason

__all__ = [
    "Entry",
    "Preview",
    "RerunWish",
    "Verdict",
    "WantedReason",
    "preview",
    "rerun",
    "step_again",
    "wanted_reason",
]
