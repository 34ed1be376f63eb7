"""The vault: what the database holds and only a process with the installation's key can read.

Floor 4. `boxes` seals and opens; `fields` keeps the secret parts of params and results out of their
columns; `secrets` are the named values that actions read.
"""

from actions.vault.boxes import Rotation, ensure_key, rotate, seal, unseal
from actions.vault.fields import (
    PARAMS,
    RESULT,
    hidden_params_of,
    params_of,
    sealed_parts,
    unsealed_parts,
    with_parts,
)
from actions.vault.reader import THREAD_NAME, Reader
from actions.vault.secrets import MAX_BYTES, allow, missing, name_in, read, remove, set_secret

__all__ = [
    "MAX_BYTES",
    "PARAMS",
    "RESULT",
    "THREAD_NAME",
    "Reader",
    "Rotation",
    "allow",
    "ensure_key",
    "hidden_params_of",
    "missing",
    "name_in",
    "params_of",
    "read",
    "remove",
    "rotate",
    "seal",
    "sealed_parts",
    "set_secret",
    "unseal",
    "unsealed_parts",
    "with_parts",
]
