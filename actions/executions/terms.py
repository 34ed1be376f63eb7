"""Under which terms a claimed attempt is judged.

Floor 4.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache
from time import monotonic
from typing import TYPE_CHECKING

from django.conf import settings

from actions import executor
from actions.keys import FOREVER
from actions.limits import Limit
from actions.limits import of_step as step_limit
from actions.models import ActionVersion
from actions.policy import RetryPolicy
from actions.registry import ActionSpec
from actions.settlement import Terms
from actions.states import Effect

if TYPE_CHECKING:
    from actions.executions.claim import Claim


@lru_cache(maxsize=4096)
def version(version_id: int) -> ActionVersion:
    """The definition of that id; kept, because a version never changes."""
    return ActionVersion.objects.select_related("action").get(id=version_id)


@lru_cache(maxsize=4096)
def policy(version_id: int) -> RetryPolicy:
    """The retry policy of that version."""
    return RetryPolicy.parse(version(version_id).retry)


@lru_cache(maxsize=4096)
def limits(version_id: int) -> tuple[Limit, ...]:
    """What limits the attempts of that version, in the order of an execution's `limits`."""
    return tuple(Limit.parse(one) for one in version(version_id).limits)


def limits_of(version_id: int, names: Sequence[str]) -> list[Limit]:
    """What limits an execution, in the order of its `names`: its action's limits, then its step's."""
    of_steps = [found for name in names if (found := step_limit(name)) is not None]
    return [*limits(version_id), *of_steps]


@lru_cache(maxsize=4096)
def declared(version_id: int) -> ActionSpec | None:
    """How to run that version if it is made of data; None if it is code."""
    found = version(version_id)
    return executor.declared_spec(found.action.name, found.definition) if found.definition else None


def key_retention(version_id: int) -> timedelta | None:
    """How long a key is remembered after an execution of that version has ended; None for ever."""
    days = version(version_id).key_retention or settings.ACTIONSITE_KEY_RETENTION_DAYS
    return None if days == FOREVER else timedelta(days=days)


def timeout_of(claim: "Claim") -> float | None:
    """How long one attempt may take, if its step or its action says so."""
    said = (claim.overrides or {}).get("timeout_seconds")
    return float(said) if said else version(claim.version_id).timeout_seconds


def terms_of(claim: "Claim") -> Terms:
    """The policy of the attempt's version, and how far the execution has come.

    How many attempts it has says the execution itself: it may have been given some.
    """
    found = version(claim.version_id)
    own = (claim.overrides or {}).get("retry")
    said = RetryPolicy.parse(own) if own else policy(claim.version_id)
    return Terms(
        policy=replace(said, max_attempts=claim.max_attempts),
        effect=Effect(found.effect),
        is_repeatable=found.is_repeatable,
        attempt=claim.attempt,
        crash_count=claim.crash_count,
        age_seconds=claim.age_seconds + monotonic() - claim.read_at,
    )
