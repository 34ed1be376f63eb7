"""The catalogue's writer: what actions there are, and what each of them is.

Floor 4. `sync` brings what code declares; it is done by `up`, `migrate` and `sync_actions`, never by
workers, because two builds at once would take turns at changing each other's versions. `define`
takes an action made of data, `disable` and `enable` turn any of them off and on.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import connection, transaction
from django.db.models.functions import Now

from actions import audit, canonical, executor, registry, schema
from actions.actors import SYSTEM, Actor
from actions.deeds import Deed, Target
from actions.errors import (
    ActionInCode,
    ActionNotFound,
    DefinitionInvalid,
    FieldProblem,
    Refusal,
    VersionChanged,
)
from actions.executions import followers, lanes
from actions.jsontypes import JSONObject
from actions.models import Action, ActionVersion
from actions.registry import ActionSpec

_LOCK = 0x616374696F6E  # "action": one sync at a time


@dataclass(kw_only=True, slots=True)
class SyncReport:
    """The names of the actions that a sync found new, changed, unchanged, gone and back again."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    returned: list[str] = field(default_factory=list)


def sync(*, by: Actor = SYSTEM) -> SyncReport:
    """Write a version for every declared action that is new or has changed.

    Versions are never changed and actions never removed: an action whose code is gone stays, and
    what is queued for it waits for a worker that has it. What waits follows an action that has
    become a coroutine or ceased to be one. What has changed is in the audit log, but for the first
    sync of all, with which an installation begins.
    """
    report = SyncReport()
    with transaction.atomic():
        _one_at_a_time()
        present = {action.name: action for action in Action.objects.whole()}
        declared = registry.all_specs()
        for name, spec in sorted(declared.items()):
            _sync_one(spec, present.get(name), report)
        for action in present.values():
            _compare(action, report, is_declared=action.name in declared)
        if present:
            _note(report, by=by)
            followers.take_back([*report.added, *report.returned])
    while lanes.follow():
        pass
    return report


@dataclass(frozen=True, kw_only=True, slots=True)
class Defined:
    """What defining an action has led to; `is_changed` if it has a new version."""

    action: Action
    is_new: bool
    is_changed: bool


def define(
    name: str,
    document: JSONObject,
    *,
    by: Actor,
    expected: int | None = None,
    must_exist: bool = False,
) -> Defined:
    """Define an action by a document, as a new version if it differs from the current one.

    What is queued goes on with the version that it was accepted for. `expected` is the number of
    the version that the caller has seen, 0 for none; left out, it does not matter. With
    `must_exist` nothing is made. Raises DefinitionInvalid, ActionInCode where code declares the name,
    VersionChanged.
    """
    registry.check_name(name)
    spec = executor.declared_spec(name, document)
    with transaction.atomic():
        _one_at_a_time()
        found = Action.objects.named(name)
        _check_definable(name, found, expected=expected)
        if must_exist and found is None:
            raise VersionChanged(
                f"There is no action {name}, so it has no version that was seen; leave the version "
                "out to define it for the first time."
            )
        if found is not None and found.current and found.current.digest == spec.digest:
            return Defined(action=found, is_new=False, is_changed=False)
        _check_marks(spec)
        action = found or Action.objects.create(name=name, origin=Action.Origin.DECLARATIVE)
        action.current = _add_version(action, spec, definition=document, created_by=by.label)
        action.save(update_fields=["current", "updated_at"])
        facts: JSONObject = {"version": action.current.number, "origin": action.origin}
        audit.note(Deed.ACTION_DEFINED, by=by, on=_target(name), facts=facts)
        followers.take_back([name])
    return Defined(action=action, is_new=found is None, is_changed=True)


def _check_marks(spec: ActionSpec) -> None:
    problems = []
    for place, one in (("/params", spec.params_schema), ("/result", spec.result_schema)):
        try:
            schema.check_marks(one)
        except schema.SchemaInvalid as wrong:
            at = place + wrong.pointer
            problems.append(FieldProblem(pointer=at, code="schema-invalid", detail=wrong.detail))
    if problems:
        told = canonical.told(problems[0])
        raise DefinitionInvalid(f"The definition is refused. {told}", errors=problems)


def define_all(documents: Mapping[str, JSONObject], *, by: Actor) -> dict[str, Defined | Refusal]:
    """Define actions by their documents, all or none; what became of each, or why it is refused.

    If one is refused, nothing is written.
    """
    outcomes: dict[str, Defined | Refusal] = {}
    with transaction.atomic():
        for name, document in documents.items():
            try:
                outcomes[name] = define(name, document, by=by)
            except Refusal as refused:
                outcomes[name] = refused
        if any(isinstance(one, Refusal) for one in outcomes.values()):
            transaction.set_rollback(True)
    return outcomes


def disable(name: str, *, by: Actor, note: str = "") -> Action:
    """Refuse new executions of the action from now on; what is accepted goes on.

    The note is shown to whoever is refused. Raises ActionNotFound.
    """
    return _switch(name, by=by, is_enabled=False, note=note)


def enable(name: str, *, by: Actor) -> Action:
    """Take new executions of the action again; raises ActionNotFound."""
    return _switch(name, by=by, is_enabled=True, note="")


def hold_still() -> None:
    """Let no action be added, enabled or disabled until the caller's transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [_LOCK])


def _switch(name: str, *, by: Actor, is_enabled: bool, note: str) -> Action:
    """Write what changes, and nothing where it is so already."""
    with transaction.atomic():
        _one_at_a_time()
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
                on=_target(name),
                facts={"note": note, "was_enabled": before[0], "note_before": before[1]},
            )
            followers.take_back([name] if is_enabled else [])
    return action


def _check_definable(name: str, found: Action | None, *, expected: int | None) -> None:
    if found is not None and found.origin == Action.Origin.CODE:
        raise ActionInCode(
            f"The action {name} is declared in code; change it there, or choose another name."
        )
    number = found.current.number if found is not None and found.current else 0
    if expected is not None and expected != number:
        raise VersionChanged(
            f"The action {name} has version {number}, not {expected}; read it again, and decide "
            "whether your change still holds."
        )


def _target(name: str) -> Target:
    return Target(kind="action", id=name, label=name)


def _one_at_a_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _sync_one(spec: ActionSpec, found: Action | None, report: SyncReport) -> None:
    if found is not None and found.current and _is_the_same(found.current, spec):
        report.unchanged.append(spec.name)
        return
    action = found or Action(name=spec.name)
    action.origin = Action.Origin.CODE
    action.save()
    action.current = _add_version(action, spec)
    action.save(update_fields=["current", "updated_at"])
    (report.changed if found else report.added).append(spec.name)


def _is_the_same(version: ActionVersion, spec: ActionSpec) -> bool:
    """What wraps a function may make a coroutine of it, and its own code is what it was."""
    return version.digest == spec.digest and version.is_concurrent == spec.is_async


def _compare(action: Action, report: SyncReport, *, is_declared: bool) -> None:
    """Note in its row whether the code of an action has gone, or has come back."""
    if action.origin == Action.Origin.CODE and (action.code_gone_at is None) != is_declared:
        (report.returned if is_declared else report.gone).append(action.name)
        Action.objects.filter(pk=action.pk).update(code_gone_at=None if is_declared else Now())


def _note(report: SyncReport, *, by: Actor) -> None:
    for name in (*report.added, *report.changed):
        action = Action.objects.named(name)
        number = action.current.number if action is not None and action.current else 0
        facts: JSONObject = {"version": number, "origin": str(Action.Origin.CODE)}
        audit.note(Deed.ACTION_DEFINED, by=by, on=_target(name), facts=facts)
    for name in report.gone:
        audit.note(Deed.ACTION_GONE, by=by, on=_target(name))
    for name in report.returned:
        audit.note(Deed.ACTION_RETURNED, by=by, on=_target(name))


def _add_version(
    action: Action,
    spec: ActionSpec,
    *,
    definition: JSONObject | None = None,
    created_by: str = "",
) -> ActionVersion:
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
        key_retention=spec.key_retention,
        queue=spec.queue,
        priority=spec.priority,
        limits=[limit.as_dict() for limit in spec.limits],
        description=spec.description,
        definition=definition,
        created_by=created_by,
    )
