"""Checks that the rows keep the promises, for `manage.py fsck` and after every fault test.

Floor 4, though it only reads: each check is one statement that finds what breaks one promise.
"""

from actions.promises.check import PROMISES, Breach, broken_promises, keep_also, kept
from actions.promises.guards import guarded
from actions.promises.statements import Promise

__all__ = [
    "PROMISES",
    "Breach",
    "Promise",
    "broken_promises",
    "guarded",
    "keep_also",
    "kept",
]
