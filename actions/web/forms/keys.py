"""The idempotency key of a form: pressing its button twice asks for one thing.

Floor 5, a door.
"""

from actions import ids

PREFIX = "form"


def new_form_key() -> str:
    """A key for one form that is shown to somebody."""
    return ids.show(PREFIX, ids.new_id())
