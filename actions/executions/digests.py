"""What stands for a secret where equal ones must be known again, as in the name of a limit.

Floor 4.
"""

from django.conf import settings

from actions import canonical
from actions.jsontypes import JSON

_DIGITS = 32


def of_secret(value: JSON, *, name: str) -> str:
    """A text that equal values under one name share, and that tells nothing of them.

    It changes with ACTIONSITE_FINGERPRINT_KEY, without which nobody can test a guess.
    """
    key = settings.ACTIONSITE_FINGERPRINT_KEY.encode()
    digest = canonical.fingerprint(key=key, kind="secret", name=name, params=value)
    return f"#{digest.hex()[:_DIGITS]}"
