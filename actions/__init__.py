"""The public door for people who write actions: `from actions import action, Retry, Final`.

These names are kept stable. Importing them needs no configured Django.
"""

from actions.context import Context
from actions.errors import Cancelled, Final, Retry
from actions.registry import action

__all__ = ["Cancelled", "Context", "Final", "Retry", "action"]
