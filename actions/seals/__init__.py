"""Seal the log by the hour, and verify that it is still what was sealed.

Floor 4. Why and how: docs/adr/0010-the-log-is-sealed-by-the-hour.md.
"""

from actions.seals.seal import is_due, seal_next
from actions.seals.statements import Source, seal_also, typed
from actions.seals.verify import Verification, verify

__all__ = ["Source", "Verification", "is_due", "seal_also", "seal_next", "typed", "verify"]
