"""Documents of declarative actions as YAML: names of actions, each with its document.

Floor 1, pure. Only what JSON has: no tags, no anchors, no dates; `no` and `1:30` are text.
"""

import re
from collections.abc import Mapping
from typing import Any

import yaml

from actions.declarative import streams
from actions.declarative.document import FIELDS
from actions.errors import DefinitionInvalid
from actions.jsontypes import JSONObject

MAX_YAML_BYTES = 1_048_576
_WIDTH = 100
_ODD_LINES = re.compile("[\r\x85\u2028\u2029]")


class _Dumper(yaml.CSafeDumper):
    """Writes longer texts as blocks and repeats what stands twice."""

    def ignore_aliases(self, _node: Any) -> bool:
        return True


def _text(dumper: Any, text: str) -> Any:
    # Lines that only YAML takes for such would come back as others.
    style = '"' if _ODD_LINES.search(text) else "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


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
    return streams.read(text)


def _ordered(document: JSONObject) -> JSONObject:
    fields = FIELDS.get(str(document.get("kind")), ())
    known = {name: document[name] for name in fields if name in document}
    return known | {name: value for name, value in document.items() if name not in known}
