"""Documents of declarative actions as YAML: names of actions, each with its document.

Floor 1, pure. Only what JSON has: no tags, no anchors, no dates; `no` and `1:30` are text.
"""

import re
from collections.abc import Mapping
from typing import Any

import yaml

from actions import canonical
from actions.declarative.document import FIELDS
from actions.errors import DefinitionInvalid
from actions.jsontypes import JSONObject

MAX_YAML_BYTES = 1_048_576
_WIDTH = 100
_ODD_LINES = re.compile("[\r\x85\u2028\u2029]")
_MAX_DETAIL = 300


class _Loader(yaml.SafeLoader):
    """Reads plain values as JSON would, and refuses what stands twice or points elsewhere."""

    yaml_implicit_resolvers: dict[str, Any] = {}

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise _wrong("An alias (*name) is not accepted; write out what it stands for", self)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002  # as PyYAML calls it
        seen: set[Any] = set()
        for key, _ in node.value:
            name = key.value if isinstance(key.value, str) else None
            if key.tag != "tag:yaml.org,2002:str" or name in seen:
                raise _wrong(f"The name {key.value!r:.60} is no text or stands twice", key)
            seen.add(name)
        return super().construct_mapping(node, deep=deep)


class _Dumper(yaml.SafeDumper):
    """Writes longer texts as blocks and repeats what stands twice."""

    def ignore_aliases(self, _node: Any) -> bool:
        return True


def _text(dumper: Any, text: str) -> Any:
    # Lines that only YAML takes for such would come back as others.
    style = '"' if _ODD_LINES.search(text) else "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)
for _tag, _pattern, _first in (
    ("null", r"^(?:~|null|)$", ["~", "n", ""]),
    ("bool", r"^(?:true|false)$", ["t", "f"]),
    ("int", r"^-?(?:0|[1-9][0-9]*)$", list("-0123456789")),
    ("float", r"^-?(?:0|[1-9][0-9]*)\.[0-9]+(?:[eE][-+]?[0-9]+)?$", list("-0123456789")),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), _first)


def dump(documents: Mapping[str, JSONObject]) -> str:
    """Documents by the names of their actions, in one form: sorted names, fields in their order."""
    return written({name: _ordered(documents[name]) for name in sorted(documents)})


def written(document: JSONObject) -> str:
    """One document as YAML, its members in the order that they have."""
    text: str = yaml.dump(
        document,
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=False,
        width=_WIDTH,
    )
    return text


def load(text: str) -> dict[str, JSONObject]:
    """What `dump` has written, or a person; the documents themselves are for `parse` to check.

    Raises DefinitionInvalid for what is no YAML of names with objects, is larger than
    MAX_YAML_BYTES, has aliases, tags, or a name twice in one object.
    """
    found = values(text)
    loaded: Any = found[0] if len(found) == 1 else None
    is_named = isinstance(loaded, dict) and all(isinstance(one, dict) for one in loaded.values())
    if not is_named:
        raise DefinitionInvalid("The YAML must hold the names of actions, each with its fields.")
    documents: dict[str, JSONObject] = loaded
    return documents


def values(text: str) -> list[Any]:
    """The values of a stream of YAML documents, which `---` separates; refused as by `load`."""
    if len(text.encode(errors="replace")) > MAX_YAML_BYTES:
        raise DefinitionInvalid(f"The YAML has more than {MAX_YAML_BYTES:,} bytes; split it.")
    try:
        loaded = list(yaml.load_all(text, Loader=_Loader))  # a SafeLoader, and stricter
    except (yaml.YAMLError, ValueError, RecursionError) as wrong:
        raise DefinitionInvalid(f"The YAML cannot be read: {_told(wrong)}") from None
    for problem in map(canonical.first_problem, loaded):
        if problem is not None:
            raise DefinitionInvalid(f"The YAML is refused. {canonical.told(problem)}")
    return loaded


def _ordered(document: JSONObject) -> JSONObject:
    fields = FIELDS.get(str(document.get("kind")), ())
    known = {name: document[name] for name in fields if name in document}
    return known | {name: value for name, value in document.items() if name not in known}


def _wrong(detail: str, where: Any) -> yaml.YAMLError:
    mark = getattr(where, "start_mark", None) or where.peek_event().start_mark
    return yaml.YAMLError(f"{detail} (line {mark.line + 1}).")


def _told(wrong: BaseException) -> str:
    if isinstance(wrong, RecursionError):
        return "it is nested too deeply; flatten it."
    mark = getattr(wrong, "problem_mark", None)
    if mark is None:
        return str(wrong)[:_MAX_DETAIL]
    problem = str(getattr(wrong, "problem", wrong))[:_MAX_DETAIL]
    return f"{problem} (line {mark.line + 1}, column {mark.column + 1})."
