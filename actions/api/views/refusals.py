"""Refusals of a verb, placed in the body that the caller sent. Floor 5."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from actions.errors import IdempotencyKeyReused, ParamsInvalid


@contextmanager
def placed_in_body(member: str = "params") -> Iterator[None]:
    """Let refusals of params point to `/params/…`, or to another member: a verb knows no body."""
    try:
        yield
    except (ParamsInvalid, IdempotencyKeyReused) as refusal:
        errors = [replace(error, pointer=f"/{member}{error.pointer}") for error in refusal.errors]
        raise type(refusal)(refusal.detail, errors=errors) from refusal
