"""Verify the chain of seals, hour by hour.

Floor 4, though it only reads. Each hour is a short transaction of its own: what is sealed never
changes, so there is no need to hold one moment for hours, which would keep PostgreSQL from tidying.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, islice

from django.db import connection, transaction

from actions.models import Seal, SealLeaf
from actions.seals.compare import differences, told
from actions.seals.seal import HOUR

# Enough to see what was done; the first of them is where it begins.
SHOWN_FINDINGS = 20


@dataclass(kw_only=True, slots=True)
class Verification:
    """What was verified and what was found.

    The span goes from `since` (None: from the beginning) to `until` (None: nothing is sealed);
    what was stored later is not sealed yet. No finding means that all of it is what was sealed.
    """

    since: datetime | None = None
    until: datetime | None = None
    head: str = ""
    seal_count: int = 0
    row_count: int = 0
    findings: list[str] = field(default_factory=list)


def verify(
    *, since: datetime | None = None, head: str = "", statement_timeout_seconds: int = 3600
) -> Verification:
    """Recompute the seals from the hour of `since` on, or all of them; up to 20 findings.

    `head` is the digest of a seal in hexadecimal, noted earlier: one of the seals that are verified
    has to have it, which nobody can bring about who has made the chain anew. Read-only, and safe
    while everything runs.
    """
    result, before, has_head = Verification(), None, not head
    for seal in Seal.objects.since(since):
        if result.seal_count == 0:
            before, result.since = Seal.objects.before(seal.hour), since and seal.hour
        _look_at(seal, before, result, timeout=statement_timeout_seconds)
        before, has_head = seal, has_head or result.head == head.lower()
        if len(result.findings) >= SHOWN_FINDINGS:
            return result
    orphaned = SealLeaf.objects.first_hour_after(result.until and result.until - HOUR)
    if orphaned is not None:
        result.findings.append(
            f"The seal of the hour from {orphaned:%Y-%m-%d %H:%M} UTC is missing, its leaves are not"
        )
    if not has_head:
        result.findings.append(
            f"No seal that was verified has the digest {head}: since that head was noted seals were "
            "deleted or made anew, or it is older than what was verified, or of another installation"
        )
    return result


def _look_at(seal: Seal, before: Seal | None, result: Verification, *, timeout: int) -> None:
    """Add to the result what is wrong with one hour, and that it was looked at."""
    with transaction.atomic(durable=True):
        _only_read(timeout)
        found = (
            _broken_links(before, seal),
            differences(seal, before=before, limit=SHOWN_FINDINGS),
        )
        room = SHOWN_FINDINGS - len(result.findings)
        result.findings += islice(chain.from_iterable(found), room)
    result.seal_count += 1
    result.row_count += seal.row_count
    result.until, result.head = seal.hour + HOUR, bytes(seal.digest).hex()


def _broken_links(before: Seal | None, seal: Seal) -> Iterator[str]:
    """Whether the seal follows the one before."""
    if before is None and not seal.previous_digest:
        return
    if before is None:
        yield f"The seals before {told(seal)} are missing"
    elif seal.hour - before.hour != HOUR:
        yield f"The seals between {told(before)} and {told(seal)} are missing"
    elif bytes(seal.previous_digest) != bytes(before.digest):
        yield f"The seal of {told(seal)} does not follow from the one before: one was made anew"


def _only_read(timeout: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute(f"SET LOCAL statement_timeout = '{int(timeout)}s'")
