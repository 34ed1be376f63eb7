"""The texts under which an execution is found by its params; never a secret.

Floor 1, pure. A leaf has two: its value, and a digest of its path and its value together. Where the
value is masked there is neither, so that no guess of a secret can be tested by a search.
"""

import base64
import hashlib
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

from actions.canonical import as_stored, canonical
from actions.masking.values import MASK, is_reference, masked

MAX_LEAVES = 32
MAX_TERM_LENGTH = 64

# Collisions of 96 bits do not happen by chance.
_DIGEST_BYTES = 12
_DIGEST_MARK = "="


def search_terms(value: Any, schema: Mapping[str, Any] | None = None) -> list[str]:
    """The terms of params, each once; those of the MAX_LEAVES leaves that lie least deep, or fewer.

    First the values themselves, text and numbers of at most MAX_TERM_LENGTH characters; then
    `param_term` of every leaf, however long, also of true, false and null. None for what is secret,
    for the name of a secret, and for empty text.
    """
    values: dict[str, None] = {}
    digests: dict[str, None] = {}
    for path, leaf in _leaves(masked(value, schema=schema)):
        # A large float is shown as the integer that it is.
        for text in (_text(leaf), _text(as_stored(leaf))):
            if not text or text == MASK:
                continue
            digests[param_term(path, text)] = None
            if len(text) <= MAX_TERM_LENGTH and leaf is not None and not isinstance(leaf, bool):
                values[text] = None
        if len(digests) >= MAX_LEAVES:
            break
    return [*values, *digests]


def param_term(path: str, text: str) -> str:
    """The term of a leaf: `path` joins names and positions with dots, `text` is its value.

    Text stands for itself, without the white space around it; a number, true, false or null is in
    its canonical JSON form, and a large float also in that of the integer that it is. So 12 and "12" have one term.
    """
    # No path or value that was taken in has U+0000.
    digest = hashlib.sha256(f"{path}\0{text}".encode()).digest()
    return _DIGEST_MARK + base64.b64encode(digest[:_DIGEST_BYTES]).decode()


def _leaves(value: Any) -> Iterator[tuple[str, Any]]:
    pending = deque([("", value)])
    while pending:
        path, current = pending.popleft()
        if isinstance(current, dict):
            members = () if is_reference(current) else current.items()
            pending.extend((_joined(path, name), member) for name, member in members)
        elif isinstance(current, list):
            pending.extend((_joined(path, n), element) for n, element in enumerate(current))
        else:
            yield path, current


def _joined(path: str, step: str | int) -> str:
    return f"{path}.{step}" if path else str(step)


def _text(leaf: Any) -> str:
    return leaf.strip() if isinstance(leaf, str) else canonical(leaf).decode()
