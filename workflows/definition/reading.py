"""Reading what is known to have the right form, field by field.

Floor 1, pure.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from actions.policy import RetryPolicy
from workflows.definition.definition import RunConcurrencyKey
from workflows.definition.kinds import DEFAULT_ROLES, KINDS
from workflows.definition.steps import (
    ActionStep,
    ApprovalStep,
    Call,
    Case,
    ConcurrencyKey,
    EventStep,
    MapStep,
    Step,
    SwitchStep,
    WaitStep,
    WorkflowStep,
)

Given = Mapping[str, Any]


def step_of(name: str, given: Given) -> Step:
    """The step of that name; its kind is told by the field that makes it so."""
    kind = next(kind for kind in KINDS if kind in given)
    return _STEP_OF[kind](given, _settings(name, given))


def with_switches(steps: Mapping[str, Step]) -> dict[str, Step]:
    """The steps, those that a switch names waiting for it."""
    named: dict[str, list[str]] = {}
    for switch in steps.values():
        for target in switch.targets if isinstance(switch, SwitchStep) else ():
            named.setdefault(target, []).append(switch.name)
    found = dict(steps)
    for target, switches in named.items():
        if target in found:
            after = tuple(dict.fromkeys([*found[target].after, *switches]))
            found[target] = replace(found[target], after=after)
    return found


def run_settings(frame: Given) -> dict[str, Any]:
    """The fields of a definition, but for its steps and its document."""
    key = frame.get("concurrency_key")
    handler = frame.get("failure_handler")
    return {
        "workflow": frame.get("workflow", ""),
        "description": frame.get("description", ""),
        "params_schema": frame.get("params", {}),
        "on_failure": frame.get("on_failure", "stop"),
        "failure_handler": _call(handler) if handler else None,
        "compensate_after": tuple(frame.get("compensate_after", ("failed",))),
        "timeout_seconds": frame.get("timeout"),
        "concurrency_key": RunConcurrencyKey(**key) if key else None,
        "result": frame.get("result"),
    }


def retry_policy(given: Given) -> RetryPolicy | None:
    """The policy of a step, None for that of its action; raises PolicyInvalid."""
    return RetryPolicy.parse(given["retry"]) if "retry" in given else None


def _settings(name: str, given: Given) -> dict[str, Any]:
    return {
        "name": name,
        "description": given.get("description", ""),
        "after": tuple(dict.fromkeys(given.get("after", ()))),
        "join": given.get("join", "all"),
        "when": given.get("when"),
        "is_optional": given.get("optional", False),
        "timeout_seconds": given.get("timeout"),
    }


def _queued(given: Given) -> dict[str, Any]:
    key, undo = given.get("concurrency_key"), given.get("compensate")
    return {
        "idempotency_key": given.get("idempotency_key"),
        "priority": given.get("priority"),
        "concurrency_key": ConcurrencyKey(**key) if key else None,
        "compensate": _call(undo) if undo else None,
    }


def _call(given: Given) -> Call:
    params = given.get("params", {})
    if "action" in given:
        return Call(called="action", name=given["action"], params=params)
    return Call(called="workflow", name=given.get("workflow", ""), params=params)


def _action(given: Given, settings: dict[str, Any]) -> Step:
    return ActionStep(**settings, **_queued(given), call=_call(given), retry=retry_policy(given))


def _map(given: Given, settings: dict[str, Any]) -> Step:
    inner = given["map"]
    return MapStep(
        **settings,
        **_queued(given),
        over=inner["over"],
        call=_call(inner),
        item_key=inner.get("item_key"),
        concurrency=inner.get("concurrency"),
        tolerated_failures=inner.get("tolerated_failures", 0),
        retry=retry_policy(given),
    )


def _workflow(given: Given, settings: dict[str, Any]) -> Step:
    return WorkflowStep(**settings, **_queued(given), call=_call(given))


def _wait(given: Given, settings: dict[str, Any]) -> Step:
    inner = given["wait"]
    return WaitStep(**settings, duration=inner.get("for"), until=inner.get("until"))


def _approval(given: Given, settings: dict[str, Any]) -> Step:
    inner = given["approval"]
    return ApprovalStep(
        **settings,
        message=inner["message"],
        form=inner.get("form", {"type": "object", "additionalProperties": False}),
        roles=tuple(inner.get("roles", () if inner.get("users") else DEFAULT_ROLES)),
        users=tuple(inner.get("users", ())),
        on_rejected=inner.get("on_rejected", "fail"),
        on_timeout=inner.get("on_timeout", "fail"),
    )


def _event(given: Given, settings: dict[str, Any]) -> Step:
    inner = given["event"]
    return EventStep(
        **settings,
        event=inner["name"],
        payload=inner.get("payload", {}),
        on_timeout=inner.get("on_timeout", "fail"),
    )


def _switch(given: Given, settings: dict[str, Any]) -> Step:
    cases = [Case(when=case["when"], then=tuple(case["then"])) for case in given["switch"]]
    return SwitchStep(**settings, cases=tuple(cases), otherwise=tuple(given["otherwise"]))


_STEP_OF: dict[str, Callable[[Given, dict[str, Any]], Step]] = {
    "action": _action,
    "map": _map,
    "workflow": _workflow,
    "wait": _wait,
    "approval": _approval,
    "event": _event,
    "switch": _switch,
}
