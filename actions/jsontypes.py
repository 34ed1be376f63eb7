"""The types of JSON values.

Floor 1, pure.
"""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

JSON: TypeAlias = None | bool | int | float | str | Sequence["JSON"] | Mapping[str, "JSON"]
JSONObject: TypeAlias = dict[str, JSON]
