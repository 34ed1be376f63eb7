"""What is added to the generated document: the shapes, and the caller's own actions. Floor 5."""

import copy
from typing import Any

from rest_framework.request import Request

from actions import access
from actions.access import Principal
from actions.api.openapi.headers import add_headers
from actions.api.shapes.answers import COMPONENTS
from actions.api.shapes.building import ref
from actions.models import Action

Document = dict[str, Any]
_EXECUTE = "/api/v1/actions/{name}/executions"
_JSON = "application/json"


def add_shapes(result: Document, **_: object) -> Document:
    """Add the components that the calls refer to, and the headers that every answer has."""
    result["components"].setdefault("schemas", {}).update(COMPONENTS)
    add_headers(result)
    return result


def add_actions(result: Document, request: Request | None, **_: object) -> Document:
    """For a caller who may read the catalogue, describe the execution of each action by itself."""
    principal = getattr(request, "auth", None)
    general = result["paths"].get(_EXECUTE)
    if not isinstance(principal, Principal) or not general:
        return result
    if not principal.may(access.READ_ACTIONS):
        return result
    for action in Action.objects.catalogue().defined().named_like(principal.patterns):
        path = _EXECUTE.replace("{name}", action.name)
        result["paths"][path] = {"post": _operation(general["post"], action)}
        result["components"]["schemas"] |= _components(action)
    return result


def _operation(general: Document, action: Action) -> Document:
    operation = copy.deepcopy(general)
    operation["operationId"] = f"execute_{action.name}".replace("-", "_").replace(".", "__")
    operation["summary"] = f"Execute {action.name}"
    operation["description"] = action.current.description if action.current else ""
    operation["parameters"] = [
        parameter for parameter in operation["parameters"] if parameter["in"] != "path"
    ]
    content = operation["requestBody"]["content"][_JSON]
    content["schema"]["properties"]["params"] = ref(_params(action))
    content.pop("examples", None)
    ended = operation["responses"]["200"]["content"][_JSON]
    ended["schema"] = {
        "allOf": [ref("Execution"), {"properties": {"result": ref(_result(action))}}]
    }
    ended.pop("examples", None)
    return operation


def _components(action: Action) -> Document:
    version = action.current
    if version is None:
        return {}
    params, result = _params(action), _result(action)
    returned = _moved(version.result_schema, to=f"{result}/anyOf/0")
    return {
        params: _moved(version.params_schema, to=params),
        # Before it has succeeded, an execution has no result.
        result: {"anyOf": [returned, {"type": "null"}]},
    }


def _moved(schema: Any, *, to: str) -> Any:
    """The schema with its references leading to where it stands now."""
    if isinstance(schema, list):
        return [_moved(part, to=to) for part in schema]
    if not isinstance(schema, dict):
        return schema
    moved = {name: _moved(part, to=to) for name, part in schema.items()}
    target = moved.get("$ref")
    if isinstance(target, str) and target.startswith("#"):
        moved["$ref"] = f"#/components/schemas/{to}{target[1:]}"
    return moved


def _params(action: Action) -> str:
    return f"{action.name}.params"


def _result(action: Action) -> str:
    return f"{action.name}.result"
