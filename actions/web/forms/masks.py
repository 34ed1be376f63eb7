"""Putting back the secrets that an edited form showed only as dots.

Floor 5, a door; values in, values out. A secret never reaches the page, so what comes back where
it stood is either the mask, which means "as it was", or a new value.
"""

from actions import masking
from actions.jsontypes import JSON, JSONObject


def restored(
    edited: JSONObject, *, original: JSONObject, schema: JSONObject, keeps_absent: bool
) -> JSONObject:
    """The edited params with every untouched secret as it was in the original.

    `keeps_absent` says that a secret which is missing was left alone, as in a form whose fields
    for secrets begin empty; in JSON a missing one was taken away.
    """
    masked: JSON = masking.masked(original, schema=schema)
    value = _restored(edited, original, masked, keeps_absent=keeps_absent)
    return value if isinstance(value, dict) else edited


def _restored(edited: JSON, original: JSON, masked: JSON, *, keeps_absent: bool) -> JSON:
    if masked == masking.MASK and original != masked:
        return original if edited == masking.MASK else edited
    if isinstance(edited, dict) and isinstance(original, dict) and isinstance(masked, dict):
        return _restored_object(edited, original, masked, keeps_absent=keeps_absent)
    if isinstance(edited, list) and isinstance(original, list) and isinstance(masked, list):
        known = zip(edited, original, masked, strict=False)
        head = [_restored(*each, keeps_absent=keeps_absent) for each in known]
        return head + edited[len(head) :]
    return edited


def _restored_object(
    edited: JSONObject, original: JSONObject, masked: JSONObject, *, keeps_absent: bool
) -> JSONObject:
    result = {
        name: _restored(value, original[name], masked[name], keeps_absent=keeps_absent)
        if name in original
        else value
        for name, value in edited.items()
    }
    if keeps_absent:
        hidden = (name for name, value in masked.items() if value == masking.MASK)
        result |= {name: original[name] for name in hidden if name not in result}
    return result
