"""What is added to the generated document: the shapes, and the caller's own actions. Floor 5."""

import copy
from typing import Any

from rest_framework.request import Request

from actions import access
from actions.access import Principal
from actions.api.openapi.headers import add_headers
from actions.api.openapi.schemas import Described, Names
from actions.api.shapes.answers import COMPONENTS
from actions.api.shapes.building import ref
from actions.models import Action

Document = dict[str, Any]
_EXECUTE = "/api/v1/actions/{name}/executions"
_JSON = "application/json"
# Last, so that whoever reads it tries the schema of the action first.
_OTHER_RESULT = {
    "description": "A result that does not fit that schema: what is secret in it is masked "
    "(`••••••`, whatever its type), or an earlier version of the action gave it, which `version` names."
}


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
    names = Names(_taken(result["components"]["schemas"]))
    calls = Names(
        each["operationId"] for path in result["paths"].values() for each in path.values()
    )
    for action in Action.objects.catalogue().defined().named_like(principal.patterns):
        if action.current is None:
            continue
        version = action.current
        params = Described(version.params_schema, name=f"{action.name}.params", names=names)
        returned = Described(version.result_schema, name=f"{action.name}.result", names=names)
        result["components"]["schemas"] |= params.made | returned.made
        operation = _operation(general["post"], params=params.reference, result=returned.reference)
        operation["operationId"] = calls.free(f"execute_{_identifier(action.name)}")
        operation["summary"] = f"Execute {action.name}"
        operation["description"] = version.description
        result["paths"][_EXECUTE.replace("{name}", action.name)] = {"post": operation}
    return result


def _taken(components: Document) -> list[str]:
    """The classes that a client has already: of components, and of what stands within them."""
    within = [
        name + member for name in components for member in components[name].get("properties", ())
    ]
    return [*components, *within]


def _identifier(name: str) -> str:
    return name.replace("-", "_").replace(".", "__")


def _operation(general: Document, *, params: Document, result: Document) -> Document:
    operation = copy.deepcopy(general)
    operation["parameters"] = [
        parameter for parameter in operation["parameters"] if parameter["in"] != "path"
    ]
    content = operation["requestBody"]["content"][_JSON]
    content["schema"]["properties"]["params"] = params
    content.pop("examples", None)
    ended = operation["responses"]["200"]["content"][_JSON]
    # Before it has succeeded, an execution has no result.
    found = {"properties": {"result": {"anyOf": [result, {"type": "null"}, _OTHER_RESULT]}}}
    ended["schema"] = {"allOf": [ref("Execution"), found]}
    ended.pop("examples", None)
    return operation
