"""The catalogue's writer: brings the actions that code declares to the database.

Floor 4. It also turns actions off and on. The sync is done by `up`, `migrate` and `sync_actions`, never by workers: two builds at once would
take turns at changing each other's versions.
"""

from dataclasses import dataclass, field

from django.db import connection, transaction

from actions import audit, registry
from actions.actors import Actor
from actions.deeds import Deed, Target
from actions.errors import ActionNotFound
from actions.models import Action, ActionVersion
from actions.registry import ActionSpec

_LOCK = 0x616374696F6E  # "action": one sync at a time


@dataclass(kw_only=True, slots=True)
class SyncReport:
    """The names of the actions that a sync found new, changed, and unchanged."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)


def sync() -> SyncReport:
    """Write a version for every declared action that is new or has changed.

    Versions are never changed and actions never removed: an action whose code is gone stays, and
    what is queued for it waits for a worker that has it.
    """
    report = SyncReport()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        present = {action.name: action for action in Action.objects.catalogue()}
        for name, spec in sorted(registry.all_specs().items()):
            _sync_one(spec, present.get(name), report)
    return report


def disable(name: str, *, by: Actor, note: str = "") -> Action:
    """Refuse new executions of the action from now on; what is accepted goes on.

    The note is shown to whoever is refused. Raises ActionNotFound.
    """
    return _switch(name, by=by, is_enabled=False, note=note)


def enable(name: str, *, by: Actor) -> Action:
    """Take new executions of the action again; raises ActionNotFound."""
    return _switch(name, by=by, is_enabled=True, note="")


def _switch(name: str, *, by: Actor, is_enabled: bool, note: str) -> Action:
    """Write what changes, and nothing where it is so already."""
    with transaction.atomic():
        action = Action.objects.locked(name)
        if action is None or action.current is None:
            raise ActionNotFound(
                f"There is no action {name[:100]!r}; the catalogue at /api/v1/actions lists them."
            )
        before = (action.is_enabled, action.disabled_note)
        if before != (is_enabled, note):
            action.is_enabled, action.disabled_note = is_enabled, note
            action.save(update_fields=["is_enabled", "disabled_note", "updated_at"])
            audit.note(
                Deed.ACTION_ENABLED if is_enabled else Deed.ACTION_DISABLED,
                by=by,
                on=Target(kind="action", id=name, label=name),
                facts={"note": note, "was_enabled": before[0], "note_before": before[1]},
            )
    return action


def _sync_one(spec: ActionSpec, found: Action | None, report: SyncReport) -> None:
    if found is not None and found.current and found.current.digest == spec.digest:
        report.unchanged.append(spec.name)
        return
    action = found or Action.objects.create(name=spec.name, origin=Action.Origin.CODE)
    action.current = _add_version(action, spec)
    action.save(update_fields=["current", "updated_at"])
    (report.changed if found else report.added).append(spec.name)


def _add_version(action: Action, spec: ActionSpec) -> ActionVersion:
    return ActionVersion.objects.create(
        action=action,
        number=action.versions.count() + 1,
        digest=spec.digest,
        effect=spec.effect,
        is_repeatable=spec.repeatable,
        is_concurrent=spec.is_async,
        params_schema=spec.params_schema,
        result_schema=spec.result_schema,
        retry=spec.retry.as_dict(),
        timeout_seconds=spec.timeout_seconds,
        idempotency=spec.idempotency,
        queue=spec.queue,
        priority=spec.priority,
        limits=[limit.as_dict() for limit in spec.limits],
        description=spec.description,
    )
