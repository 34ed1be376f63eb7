"""What has changed from one document of a workflow to another, in what it means.

Floor 1, pure. The order of fields does not count, nor whether a default is written out. A step is
called renamed only if everything else about it is the same and no other step could be meant.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, TypeGuard

from actions.canonical import canonical
from actions.jsontypes import JSON, JSONObject
from workflows.definition.document import RUN
from workflows.definition.kinds import KINDS

Kind = Literal["added", "removed", "renamed", "changed"]
Subject = Literal["run", "param", "step"]

_UNORDERED = frozenset({"after", "compensate_after"})
# Where a document names steps outside of expressions.
_LISTS = frozenset({"after", "then", "otherwise"})
_STEP = re.compile(r"(?<![\w.])steps\.([a-z]\w*)", re.ASCII)
# Lists that mean the same when they are empty and when they are left out.
_MAY_BE_LEFT_OUT = frozenset({"after", "users"})
_MAX_SHOWN = 80
# A step may be known again only once those that it names are; a long chain is told as new steps.
_PASSES = 10
_ABSENT: Any = object()
# A param that is required, and of which nothing else is said.
_JUST_REQUIRED = {"required": True}


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One change; `name` is the param's or step's, `setting` a path such as `retry.max_attempts`.

    `before` and `after` are None for what was not there; for a rename they are the two names.
    """

    kind: Kind
    subject: Subject
    name: str = ""
    setting: str = ""
    before: JSON = None
    after: JSON = None

    @property
    def sentence(self) -> str:
        """The change for people."""
        who = {"run": "The run", "param": f"Param {self.name}", "step": f"Step {self.name}"}
        about = f"{who[self.subject]}: {self.setting}" if self.setting else who[self.subject]
        if self.kind == "renamed":
            return f"Step {self.before} is called {self.after} now."
        if self.kind == "added":
            return f"{about} was added{_shown(self.after)}."
        if self.kind == "removed":
            return f"{about} was removed."
        before, after = _text(self.before), _text(self.after)
        is_short = len(before) + len(after) <= _MAX_SHOWN
        return f"{about} was {before}, is {after}." if is_short else f"{about} has changed."


def compare(old: JSONObject, new: JSONObject) -> tuple[Change, ...]:
    """The changes from one document to the other: the run's, its params', then the steps'.

    Documents need not be valid. There is none only if they mean the same.
    """
    return _told(old, new) or tuple(_changes("run", "", (_whole(old), _whole(new))))


def _told(old: JSONObject, new: JSONObject) -> tuple[Change, ...]:
    before, after = _steps(old), _steps(new)
    renames = _renames(before, after)
    changes = [
        Change(kind="renamed", subject="step", name=new_name, before=name, after=new_name)
        for name, new_name in sorted(renames.items())
    ]
    before = {renames.get(name, name): _renamed(step, renames) for name, step in before.items()}
    run = _settings(_renamed(_frame(old), renames), RUN), _settings(_frame(new), RUN)
    return (
        *_changes("run", "", run),
        *_param_changes(old.get("params"), new.get("params")),
        *changes,
        *_step_changes(before, after),
    )


def _whole(document: JSONObject) -> JSONObject:
    """All of a document, as far as it means something."""
    steps, params = document.get("steps"), document.get("params")
    rest = {name: value for name, value in document.items() if name not in ("steps", "params")}
    found: JSONObject = _settings(rest, RUN)
    if "steps" in document:
        found["steps"] = _steps(document) if isinstance(steps, Mapping) else steps
    if "params" in document:
        found["params"] = _with_sorted_names(params) if isinstance(params, Mapping) else params
    return found


def _with_sorted_names(schema: Mapping[str, Any]) -> JSONObject:
    names = schema.get("required")
    return {**schema} | ({"required": sorted(names, key=canonical)} if _is_list(names) else {})


def _frame(document: JSONObject) -> JSONObject:
    left_out = ("workflow", "steps", "params")
    return {name: value for name, value in document.items() if name not in left_out}


def _steps(document: JSONObject) -> dict[str, Any]:
    steps = document.get("steps")
    found = steps if isinstance(steps, Mapping) else {}
    return {name: _step_settings(step) for name, step in found.items()}


def _step_settings(step: Any) -> Any:
    """The settings of a step, without defaults that are written out."""
    if not isinstance(step, Mapping):
        return step
    kind = next((kind for kind in KINDS if kind in step), None)
    return _settings(step, KINDS[kind]["properties"] if kind else {})


def _settings(given: Mapping[str, Any], properties: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in given.items():
        known = properties.get(name, {})
        even = value
        if isinstance(value, Mapping) and "properties" in known:
            even = _settings(value, known["properties"])
        elif isinstance(value, list) and name in _UNORDERED:
            even = sorted(value, key=canonical)
        is_default = "default" in known and _are_same(even, known["default"])
        if not is_default and (even != [] or name not in _MAY_BE_LEFT_OUT):
            found[name] = even
    return found


def _renames(before: dict[str, Any], after: dict[str, Any]) -> dict[str, str]:
    """The steps that are there under another name."""
    found: dict[str, str] = {}
    for _ in range(_PASSES):
        gone = {name: before[name] for name in before if name not in after and name not in found}
        came = {name: after[name] for name in after if name not in before}
        new = _twins(
            {name: canonical(_renamed(step, found)) for name, step in gone.items()},
            {name: canonical(step) for name, step in came.items() if name not in found.values()},
        )
        if not new:
            break
        found |= new
    return found


def _twins(gone: dict[str, bytes], came: dict[str, bytes]) -> dict[str, str]:
    """Who is the same on both sides, and the only one there."""
    counts = Counter(gone.values()), Counter(came.values())
    names = {text: name for name, text in came.items()}
    return {
        name: names[text] for name, text in gone.items() if counts[0][text] == counts[1][text] == 1
    }


def _renamed(value: Any, renames: Mapping[str, str]) -> Any:
    """A part of a document as it would read with the steps called otherwise."""
    if not renames:
        return value
    return _with_names(value, renames)


def _with_names(value: Any, renames: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return _STEP.sub(lambda found: f"steps.{renames.get(found[1], found[1])}", value)
    if isinstance(value, Mapping):
        return {
            name: _names_now(name, inner, renames)
            if name in _LISTS and isinstance(inner, list)
            else _with_names(inner, renames)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [_with_names(inner, renames) for inner in value]
    return value


def _names_now(setting: str, names: list[Any], renames: Mapping[str, str]) -> list[Any]:
    now = [renames.get(name, name) if isinstance(name, str) else name for name in names]
    return sorted(now, key=canonical) if setting in _UNORDERED else now


def _step_changes(before: dict[str, Any], after: dict[str, Any]) -> Iterator[Change]:
    for name in sorted(before.keys() - after.keys()):
        yield Change(kind="removed", subject="step", name=name, before=before[name])
    for name in sorted(after.keys() - before.keys()):
        yield Change(kind="added", subject="step", name=name, after=after[name])
    for name in sorted(before.keys() & after.keys()):
        pair = before[name], after[name]
        if all(isinstance(step, dict) for step in pair):
            yield from _changes("step", name, pair)
        elif not _are_same(*pair):
            yield Change(kind="changed", subject="step", name=name, before=pair[0], after=pair[1])


def _param_changes(old: Any, new: Any) -> Iterator[Change]:
    """The changes of the params' schema: for each param, then of what holds for all."""
    schemas = [schema if isinstance(schema, dict) else {} for schema in (old, new)]
    known = [_params(schema) for schema in schemas]
    for name in sorted(known[0].keys() | known[1].keys()):
        pair = [one.get(name) for one in known]
        if _JUST_REQUIRED in pair:
            pair = [{"required": False} if one is None else one for one in pair]
        before, after = pair
        if before is None or after is None:
            kind: Kind = "added" if before is None else "removed"
            yield Change(kind=kind, subject="param", name=name, before=before, after=after)
        else:
            yield from _changes("param", name, (before, after))
    # Without a schema params are an object too.
    left_out = {"properties", "required"} | ({"type"} if None in (old, new) else set())
    rest = [{f"params.{k}": v for k, v in one.items() if k not in left_out} for one in schemas]
    yield from _changes("run", "", (rest[0], rest[1]))


def _params(schema: JSONObject) -> dict[str, Any]:
    """The params that a schema names, each with its own schema and whether it is required."""
    properties, required = schema.get("properties"), schema.get("required")
    names = [name for name in required if isinstance(name, str)] if _is_list(required) else []
    named = properties if isinstance(properties, Mapping) else {}
    listed = {name: {**_own(inner), "required": name in names} for name, inner in named.items()}
    return dict.fromkeys(names, _JUST_REQUIRED) | listed


def _own(schema: Any) -> dict[str, Any]:
    """The settings of one param; which of its members are required is not whether it is."""
    if not isinstance(schema, Mapping):
        return {"is": schema}
    return {"members.required" if name == "required" else name: schema[name] for name in schema}


def _changes(
    subject: Subject, name: str, pair: tuple[Mapping[str, Any], Mapping[str, Any]]
) -> Iterator[Change]:
    """The settings that differ; those within settings are told one by one."""
    for setting in sorted(pair[0].keys() | pair[1].keys()):
        old, new = (one.get(setting, _ABSENT) for one in pair)
        if not _has_members(old, new):
            yield from _change(subject, name, setting, sides=(old, new))
            continue
        before, after = ({} if one is _ABSENT else one for one in (old, new))
        for key in sorted(before.keys() | after.keys()):
            sides = before.get(key, _ABSENT), after.get(key, _ABSENT)
            yield from _change(subject, name, f"{setting}.{key}", sides=sides)


def _has_members(old: Any, new: Any) -> bool:
    """Whether a setting is told member by member: it has some, and the other side may have."""
    both = [one for one in (old, new) if one is not _ABSENT]
    return all(isinstance(one, Mapping) for one in both) and any(both)


def _change(
    subject: Subject, name: str, setting: str, *, sides: tuple[Any, Any]
) -> Iterator[Change]:
    old, new = sides
    about = partial(Change, subject=subject, name=name, setting=setting)
    if old is _ABSENT:
        yield about(kind="added", after=new)
    elif new is _ABSENT:
        yield about(kind="removed", before=old)
    elif not _are_same(old, new):
        yield about(kind="changed", before=old, after=new)


def _are_same(one: JSON, other: JSON) -> bool:
    """Whether both mean the same as JSON; to Python true is 1."""
    return canonical(one) == canonical(other)


def _is_list(value: Any) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def _text(value: JSON) -> str:
    return json.dumps(value, ensure_ascii=False)


def _shown(value: JSON) -> str:
    """What was added, if that is short."""
    text = _text(value)
    return f": {text}" if len(text) <= _MAX_SHOWN else ""
