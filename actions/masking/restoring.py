"""Putting back the secrets of which somebody who edits has seen only the mask.

Floor 1, pure. A secret never leaves, so what comes back where it stood is either the mask, which
means "as it was", or a new value.
"""

from actions.jsontypes import JSON, JSONObject
from actions.masking.values import MASK, masked


def restored(
    edited: JSONObject, *, original: JSONObject, schema: JSONObject, keeps_absent: bool = False
) -> JSONObject:
    """The edited params with every untouched secret as it was in the original.

    `keeps_absent` says that a secret which is missing was left alone, as in a form whose fields
    for secrets begin empty; in JSON a missing one was taken away.
    """
    shown: JSON = masked(original, schema=schema)
    value = _restored(edited, original, shown, keeps_absent=keeps_absent)
    return value if isinstance(value, dict) else edited


def _restored(edited: JSON, original: JSON, shown: JSON, *, keeps_absent: bool) -> JSON:
    if shown == MASK and original != shown:
        return original if edited == MASK else edited
    if isinstance(edited, dict) and isinstance(original, dict) and isinstance(shown, dict):
        return _restored_object(edited, original, shown, keeps_absent=keeps_absent)
    if isinstance(edited, list) and isinstance(original, list) and isinstance(shown, list):
        known = zip(edited, original, shown, strict=False)
        head = [_restored(*each, keeps_absent=keeps_absent) for each in known]
        return head + edited[len(head) :]
    return edited


def _restored_object(
    edited: JSONObject, original: JSONObject, shown: JSONObject, *, keeps_absent: bool
) -> JSONObject:
    result = {
        name: _restored(value, original[name], shown[name], keeps_absent=keeps_absent)
        if name in original
        else value
        for name, value in edited.items()
    }
    if keeps_absent:
        hidden = (name for name, value in shown.items() if value == MASK)
        result |= {name: original[name] for name in hidden if name not in result}
    return result
