"""The words of an execution's error, as the index has them and as a search asks for them.

Floor 2. All of ASCII's punctuation separates words, because PostgreSQL by itself keeps
`mail.internal:2525` together and drops what looks like a tag.
"""

from django.contrib.postgres.search import SearchVectorField
from django.db.models import BooleanField, F, Func, Q, Value

HAS_ERROR = ~Q(error_code="")

# The literals stand in the templates, so that a query has the very expression of the index. The
# arguments are in the order in which a migration writes them, or it would see a change.
_WORDS = "regexp_replace(%(expressions)s, '[!-/:-@\\[-`{-~]+', ' ', 'g')"
_MESSAGE = Func(F("error"), template="coalesce(%(expressions)s ->> 'message', '')")
ERROR_WORDS = Func(
    F("error_code"),
    _MESSAGE,
    arg_joiner=" || ' ' || ",
    template=f"to_tsvector('simple', {_WORDS})",
    output_field=SearchVectorField(),
)


def has_words(text: str) -> Q:
    """That the error has every word of the text."""
    asked = Func(Value(text), template=f"plainto_tsquery('simple', {_WORDS})")
    found = Func(
        ERROR_WORDS,
        asked,
        template="%(expressions)s",
        arg_joiner=" @@ ",
        output_field=BooleanField(),
    )
    return HAS_ERROR & Q(found)
