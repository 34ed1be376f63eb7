"""The service that makes sandboxes: a few rules and a list, idempotent by the caller's key."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from onboarding.demo.shelf import Shelf

_KEPT_SANDBOXES = 1_000
_MAX_KEY = 255


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """A status and a JSON body."""

    status: int
    body: dict[str, Any]


class SandboxService:
    """Makes one sandbox for each key, and gives the same one to every repeat."""

    def __init__(self, directory: Path) -> None:
        self._made = Shelf(directory / "demo-sandboxes.json", limit=_KEPT_SANDBOXES)

    def make(self, *, key: str, body: object) -> Answer:
        """Answer a POST: 201 when made, 200 on a repeat, 4xx when the request is wrong."""
        user_id = body.get("userId") if isinstance(body, dict) else None
        if not key or len(key) > _MAX_KEY:
            return _refused(400, "Send an Idempotency-Key of up to 255 characters.")
        if not isinstance(user_id, str) or not user_id.startswith("usr_"):
            return _refused(422, 'Send {"userId": "usr_…"}.')
        known = self._made.find("key", key)
        if known is None:
            return Answer(status=201, body=_shown(self._add(key=key, user_id=user_id)))
        if known["userId"] != user_id:
            return _refused(422, f"This key has made a sandbox for {known['userId']}.")
        return Answer(status=200, body=_shown(known))

    def __len__(self) -> int:
        return len(self._made)

    def _add(self, *, key: str, user_id: str) -> dict[str, Any]:
        sandbox_id = "sbx_" + hashlib.sha256(key.encode()).hexdigest()[:12]
        made = {
            "key": key,
            "userId": user_id,
            "sandboxId": sandbox_id,
            "url": f"https://{sandbox_id.replace('_', '-')}.sandboxes.example",
        }
        self._made.add(made)
        return made


def _shown(made: dict[str, Any]) -> dict[str, Any]:
    return {name: made[name] for name in ("sandboxId", "userId", "url")}


def _refused(status: int, detail: str) -> Answer:
    return Answer(status=status, body={"detail": detail})
