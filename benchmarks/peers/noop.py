"""The body that every system runs: nothing, so that what is measured is the system."""


def noop(number: int) -> int:
    """Return the number."""
    return number
