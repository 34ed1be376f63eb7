"""Each dependency says why it is here, in a comment of its line."""

import tomllib

from tests.house import source

PYPROJECT = source.ROOT / "pyproject.toml"


def test_every_dependency_has_a_reason():
    unexplained = [name for name in dependencies() if not is_explained(name)]

    assert not unexplained, source.listed(unexplained)


def dependencies() -> list[str]:
    document = tomllib.loads(PYPROJECT.read_text())
    groups = document["dependency-groups"].values()
    return [*document["project"]["dependencies"], *(name for group in groups for name in group)]


def is_explained(name: str) -> bool:
    """Whether the line of the requirement, or the one above a one-line list, has a comment."""
    lines = PYPROJECT.read_text().splitlines()
    number = next(at for at, line in enumerate(lines) if f'"{name}"' in line)
    alone = lines[number].lstrip().startswith('"')
    return "#" in (lines[number] if alone else lines[number - 1])
