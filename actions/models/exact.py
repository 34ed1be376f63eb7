"""A column for documents of people, which come back as they were sent.

Floor 2. PostgreSQL keeps the digits of a number and not how it was written: what has an exponent
and no fraction would come back as an integer.
"""

import json
import re
from decimal import Decimal
from typing import Any

from django.db import models

# A text, of which nothing is changed, or a float that Python writes with an exponent.
_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*"|-?[0-9.]+e\+[0-9]+')


class _Encoder(json.JSONEncoder):
    """Writes large floats with a fraction, by which they are known."""

    def encode(self, o: Any) -> str:
        return _TOKENS.sub(_with_fraction, super().encode(o))


def _with_fraction(token: re.Match[str]) -> str:
    text = token[0]
    return text if text.startswith('"') else f"{Decimal(text):f}.0"


class DocumentField(models.JSONField):
    """JSON of which floats come back as floats, however large; the column is any JSONField's."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options | {"encoder": _Encoder})

    def deconstruct(self) -> Any:
        """As a JSONField, so that no migration is needed."""
        name, _, args, options = super().deconstruct()
        del options["encoder"]
        return name, "django.db.models.JSONField", args, options
