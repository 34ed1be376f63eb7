"""Roll-ups: what was accepted and has ended, by the minute, the hour and the day.

Floor 4. They are made from the log, which is only appended to, in the background: whoever accepts or
settles writes nothing for them and waits for nobody.
"""

from actions.rollups.fold import MARGIN, fold_next, is_due
from actions.rollups.statements import PROMISES, Source, count_also, promises_of

__all__ = ["MARGIN", "PROMISES", "Source", "count_also", "fold_next", "is_due", "promises_of"]
