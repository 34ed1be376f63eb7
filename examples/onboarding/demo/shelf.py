"""A bounded list of records in one JSON file: what the demo's services keep over a restart."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Record = dict[str, Any]


def write_atomically(path: Path, content: object, *, mode: int = 0o644) -> None:
    """Replace a JSON file at once: a reader sees the old content or the new, never half."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    # With its mode from the start, so that nobody can open it in between.
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(content, file, indent=1)
    draft.replace(path)


def read_json(path: Path) -> Any:
    """Return what a JSON file holds, or None if it is missing or unreadable."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


class Shelf:
    """The newest `limit` records, oldest first; the file is rewritten at every change."""

    def __init__(self, path: Path, *, limit: int) -> None:
        self._path = path
        self._limit = limit
        kept = read_json(path)
        self._records: list[Record] = kept if isinstance(kept, list) else []

    def __iter__(self) -> Iterator[Record]:
        return iter(self._records)

    def __len__(self) -> int:
        return len(self._records)

    def newest(self, count: int) -> list[Record]:
        """Return up to `count` records, the newest first."""
        return self._records[::-1][:count]

    def find(self, field: str, value: object) -> Record | None:
        """Return the first record whose field has that value."""
        return next((record for record in self._records if record.get(field) == value), None)

    def add(self, record: Record) -> None:
        """Add a record at the end; the oldest goes when there are too many."""
        self._records = [*self._records, record][-self._limit :]
        self.save()

    def save(self) -> None:
        """Write the file after a record was changed in place."""
        write_atomically(self._path, self._records)
