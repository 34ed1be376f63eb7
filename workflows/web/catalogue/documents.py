"""A version's document as the text that a page shows.

Floor 5, a door.
"""

from dataclasses import dataclass

from workflows import yaml
from workflows.models import WorkflowVersion

MAX_TEXT = 65_536


@dataclass(frozen=True, kw_only=True, slots=True)
class Text:
    """The YAML of a version, or as much of it as fits on a page."""

    shown: str
    hidden_count: int


def text_of(version: WorkflowVersion) -> Text:
    """The YAML of a version, up to MAX_TEXT characters."""
    whole = yaml.dump([version.document])
    return Text(shown=whole[:MAX_TEXT], hidden_count=max(len(whole) - MAX_TEXT, 0))
