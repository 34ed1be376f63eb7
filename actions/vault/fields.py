"""The secret parts of params and results, kept out of their columns.

Floor 4. The column has the masked document, which may be shown and searched; beside it the parts
that the mask hides are sealed as one, bound to the execution.
"""

import json
from typing import Any

from actions import masking
from actions.masking import Hidden
from actions.models import Execution
from actions.vault.boxes import seal, unseal

PARAMS, RESULT = "params", "result"


def sealed_parts(hidden: list[Hidden], *, of: str, execution_id: object) -> bytes | None:
    """Seal what a mask has hidden; None if that is nothing. `of` is PARAMS or RESULT."""
    if not hidden:
        return None
    plain = json.dumps([[*one] for one in hidden], ensure_ascii=False)
    return seal(plain.encode(), place=_place(of, execution_id))


def with_parts(
    document: Any, sealed: bytes | memoryview | None, *, of: str, execution_id: object
) -> Any:
    """The document as it was before it was masked; raises VaultLocked."""
    parts = unsealed_parts(sealed, of=of, execution_id=execution_id)
    return masking.filled(document, parts) if parts else document


def unsealed_parts(
    sealed: bytes | memoryview | None, *, of: str, execution_id: object
) -> list[Hidden]:
    """What a mask has hidden and `sealed_parts` sealed; raises VaultLocked."""
    if sealed is None:
        return []
    parts = json.loads(unseal(bytes(sealed), place=_place(of, execution_id)))
    return [Hidden(tuple(path), value) for path, value in parts]


def params_of(execution: Execution) -> Any:
    """The params of an execution as they were sent; raises VaultLocked."""
    return with_parts(
        execution.params, execution.params_sealed, of=PARAMS, execution_id=execution.id
    )


def hidden_params_of(execution: Execution) -> list[Hidden]:
    """What is sealed in the params of an execution; raises VaultLocked."""
    return unsealed_parts(execution.params_sealed, of=PARAMS, execution_id=execution.id)


def _place(of: str, execution_id: object) -> str:
    return f"{of} of {execution_id}"
