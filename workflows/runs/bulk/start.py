"""Choose the runs and freeze the list.

Floor 4.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from actions import audit, keys
from actions.access import Principal
from actions.deeds import Deed, Target
from actions.errors import FieldProblem, IdempotencyKeyReused, ParamsInvalid
from actions.jsontypes import JSONObject
from workflows.errors import SituationChanged
from workflows.filters import RunFilters
from workflows.models import BulkRerun, BulkRerunEntry, Run
from workflows.runs.bulk.asking import ask
from workflows.runs.bulk.wish import MAX_SPACING_SECONDS, BulkWish, Chosen


@dataclass(frozen=True, kw_only=True, slots=True)
class Started:
    """What a request led to; with `is_replay` it is an earlier one's."""

    bulk: BulkRerun
    is_replay: bool = False


def chosen_by(filters: Mapping[str, Sequence[str]], *, by: Principal) -> Chosen:
    """The runs that a bulk re-run with these filters would take now.

    They have ended, are no steps of other runs, and were accepted before now. Raises
    MalformedRequest for filters that there are not.
    """
    wanted, now = RunFilters.parse(filters), timezone.now()
    wanted = replace(wanted, until=min(wanted.until or now, now))
    found = Run.objects.named_like(by.patterns).matching(wanted).repeatable()
    most = settings.ACTIONSITE_BULK_MAX + 1
    return Chosen(filters=wanted, runs=tuple(found.values_list("id", "workflow_name")[:most]))


def start(wish: BulkWish, *, by: Principal, key: str | None = None) -> Started:
    """Freeze the list of runs, and have the engine go through it; returns at once.

    With a `key`, the same request again returns what the first one started. Raises SituationChanged
    if it is another number of runs than expected; ParamsInvalid for none, for too many and without
    a reason; IdempotencyKeyReused; MalformedRequest for filters that there are not.
    """
    asked = wish.as_json() | {"patterns": list(by.patterns)}
    before = _done_before(asked, key=keys.check(key), by=by) if key is not None else None
    if before is not None:
        return Started(bulk=before, is_replay=True)
    chosen = chosen_by(wish.filters, by=by)
    _check(wish, chosen)
    try:
        with transaction.atomic():
            return Started(bulk=_freeze(wish, chosen, by=by, asked=asked, key=key))
    except IntegrityError:
        # Somebody else was faster with the same key.
        winner = _done_before(asked, key=key, by=by) if key is not None else None
        if winner is None:
            raise
        return Started(bulk=winner, is_replay=True)


def _done_before(asked: JSONObject, *, key: str, by: Principal) -> BulkRerun | None:
    """What that key has led to; a repeat and a refused one leave their event in the audit log."""
    found = BulkRerun.objects.with_key(key)
    if found is None:
        return None
    is_same = found.asked == asked
    deed = Deed.BULK_RERUN_REPLAYED if is_same else Deed.BULK_RERUN_MISMATCH_REFUSED
    audit.note(deed, by=by.actor, on=_target(found))
    if not is_same:
        raise IdempotencyKeyReused(
            f"This key was used to ask something else, which led to {found.shown_id}; use a new key "
            "for a new wish."
        )
    return found


def _check(wish: BulkWish, chosen: Chosen) -> None:
    most = settings.ACTIONSITE_BULK_MAX
    if chosen.count > most:
        _refuse("/filters", "too-many", f"More than {most:,} runs match; choose fewer at a time.")
    if chosen.count != wish.expected_count:
        raise SituationChanged(
            f"{chosen.count:,} runs would be run again now, not {wish.expected_count:,}; look at the "
            "list and confirm that number."
        )
    if chosen.count == 0:
        _refuse("/filters", "none", "No run that has ended matches.")
    if not wish.reason.strip():
        _refuse("/reason", "reason-required", "Say why these runs are to be run again.")
    if not 0 <= wish.spacing_seconds <= MAX_SPACING_SECONDS:
        detail = f"The spacing is {wish.spacing_seconds:g} s; give 0 to {MAX_SPACING_SECONDS:g}."
        _refuse("/spacing_seconds", "spacing-invalid", detail)


def _refuse(pointer: str, code: str, detail: str) -> None:
    problem = FieldProblem(pointer=pointer, code=code, detail=detail)
    raise ParamsInvalid(f"The bulk re-run is refused: {detail}", errors=[problem])


def _freeze(
    wish: BulkWish, chosen: Chosen, *, by: Principal, asked: JSONObject, key: str | None
) -> BulkRerun:
    bulk = BulkRerun.objects.create(
        filters=chosen.filters.as_query(),
        what=wish.what,
        version=wish.version,
        reason=wish.reason,
        spacing_seconds=wish.spacing_seconds,
        workflow_names=chosen.workflow_names,
        run_count=chosen.count,
        asked=asked,
        idempotency_key=key,
        actor_kind=by.actor.kind,
        actor_id=by.actor.id,
        actor_label=by.actor.label,
        request_id=by.actor.request_id,
        trace_id=by.actor.trace_id,
    )
    BulkRerunEntry.objects.bulk_create(
        BulkRerunEntry(bulk=bulk, position=place, run_id=run_id)
        for place, (run_id, _) in enumerate(chosen.runs, start=1)
    )
    ask(bulk)
    bulk.save(update_fields=["execution_id"])
    facts: JSONObject = {"runs": chosen.count, "what": wish.what, "version": wish.version}
    facts |= {"reason": wish.reason, "filters": bulk.filters}
    audit.note(Deed.BULK_RERUN_STARTED, by=by.actor, on=_target(bulk), facts=facts)
    return bulk


def _target(bulk: BulkRerun) -> Target:
    return Target(kind="bulk_rerun", id=bulk.shown_id, label=bulk.shown_id)
