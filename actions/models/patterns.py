"""Shell patterns of names, as the database matches them.

Floor 2.
"""


def regex_of(patterns: tuple[str, ...]) -> str:
    """The regular expression that matches what one of the patterns does; `*` and `?` are special."""
    return "|".join(_regex(pattern) for pattern in patterns)


def _regex(pattern: str) -> str:
    literal = "".join(".*" if c == "*" else "." if c == "?" else _escaped(c) for c in pattern)
    return f"^{literal}$"


def _escaped(character: str) -> str:
    return character if character.isalnum() or character in "-_" else f"\\{character}"
