"""<data dir>/up.json: what the last `up` of a data directory was. Floor: the site, before Django."""

import json
from pathlib import Path


def read_card(data_dir: Path) -> dict[str, object]:
    """What the last `up` wrote there; empty if none did."""
    try:
        card: dict[str, object] = json.loads((data_dir / "up.json").read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return card
