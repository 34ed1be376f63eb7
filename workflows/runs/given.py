"""What events and answers bring into a run: it has masks in the places of secrets, which are sealed.

Floor 4. The step that takes an event has the same parts sealed as the event, so both are sealed for
their run, at the paths that they have in the step's result.
"""

from typing import Any
from uuid import UUID

from actions import masking, vault
from actions.jsontypes import JSONObject
from actions.masking import Hidden

_GIVEN = "event or answer"


def apart(
    value: Any, schema: JSONObject | None, *, run_id: UUID, place: str
) -> tuple[Any, bytes | None]:
    """What may be seen of a value, and the rest sealed, for the result's field `place`.

    Raises VaultLocked if there is something to be sealed and no key.
    """
    split = masking.split(value, schema)
    hidden = [Hidden((place, *one.path), one.value) for one in split.hidden]
    return split.shown, vault.sealed_parts(hidden, of=_GIVEN, execution_id=run_id)


def whole(result: Any, sealed: bytes | memoryview | None, *, run_id: UUID) -> Any:
    """The result of a step of that run as it was given; raises VaultLocked."""
    return vault.with_parts(result, sealed, of=_GIVEN, execution_id=run_id)


def moved(sealed: bytes | memoryview | None, *, old: UUID, new: UUID) -> bytes | None:
    """The same for a run that takes the result over; raises VaultLocked."""
    parts = vault.unsealed_parts(sealed, of=_GIVEN, execution_id=old)
    return vault.sealed_parts(parts, of=_GIVEN, execution_id=new)
