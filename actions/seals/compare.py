"""Compare one seal with its leaves, and its leaves with the rows as they are now.

Floor 4, though it only reads.
"""

from collections.abc import Iterator

from django.db import connection

from actions.models import Seal
from actions.seals.seal import span_of
from actions.seals.statements import DIGEST, ENTRY_SIZE, KEY_SIZE, sources

_RECOMPUTED = f"SELECT {DIGEST} FROM actions_seal AS seal WHERE seal.hour = %s"
_DIFFERING = """
SELECT execution_id, sealed.entries, found.entries
FROM (SELECT execution_id, entries FROM actions_sealleaf
      WHERE hour = %(hour)s AND source = %(source)s) AS sealed
FULL JOIN ({leaves}) AS found USING (execution_id)
WHERE sealed.entries IS DISTINCT FROM found.entries
ORDER BY execution_id LIMIT %(limit)s
"""


def differences(seal: Seal, *, before: Seal | None, limit: int) -> Iterator[str]:
    """Sentences that name what is not as it was sealed: the seal itself, a leaf of it, or a row.

    `before` is the seal before it. At most `limit` leaves of each source are looked into, and none
    of a source that came after the seal was made.
    """
    with connection.cursor() as cursor:
        # As when sealing: by the index over the moments.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(_RECOMPUTED, [seal.hour])
        is_whole = bytes(cursor.fetchone()[0]) == bytes(seal.digest)
        if not is_whole:
            yield f"The seal of {told(seal)}, or a leaf of it, was changed after it was made"
        is_first = not seal.previous_digest
        for source in (one for one in sources() if seal.covers(one.name)):
            span = span_of(seal.hour, source, before=before, is_first=is_first)
            asked = {**span, "hour": seal.hour, "limit": limit, "source": source.name}
            cursor.execute(_DIFFERING.format(leaves=source.leaves), asked)
            for subject, sealed, found in cursor.fetchall():
                if not is_whole:
                    yield f"{source.subject_name(subject)}: leaf and rows differ in {told(seal)}"
                    continue
                for key, what in _changes(_digests(sealed), _digests(found)):
                    yield f"{source.row_name(subject, key)} {what} {told(seal)}"


def told(seal: Seal) -> str:
    """An hour as people read it."""
    return f"the hour from {seal.hour:%Y-%m-%d %H:%M} UTC"


def _digests(entries: bytes | None) -> dict[int, bytes]:
    """The digest of each row by its key."""
    whole = bytes(entries or b"")
    parts = [whole[at : at + ENTRY_SIZE] for at in range(0, len(whole), ENTRY_SIZE)]
    return {int.from_bytes(part[:KEY_SIZE], signed=True): part[KEY_SIZE:] for part in parts}


def _changes(sealed: dict[int, bytes], found: dict[int, bytes]) -> Iterator[tuple[int, str]]:
    for key in sorted(sealed.keys() | found.keys()):
        if key not in found:
            yield key, "is missing from"
        elif key not in sealed:
            yield key, "was added to what was sealed of"
        elif sealed[key] != found[key]:
            yield key, "is not what was sealed of"
