"""What the product does not survive yet: why, and the tests that will show when it does."""

from collections.abc import Iterable

PLAIN = ("poison-outside", "poison-inside")
LANES = (*PLAIN, "poison-beside")
SHORT = ("poison-short-outside", "poison-short-inside")
DEAF = ("stubborn loop", "loop in C", "stubborn wait in C", "thread in C")
BLOCKING = ("endless loop", "stubborn loop", "loop in C", "stubborn wait in C", "blocked thread")
CHANGED = (
    "thread", "signal mask", "clock", "directory", "environment", "recursion limit",
    "standard files", "file numbers", "memory limit", "time limit", "umask", "priority",
)  # fmt: skip
LEFT_IN_THE_SESSION = (
    "lock timeout", "time zone", "advisory lock", "LISTEN", "prepared statement",
    "settings of the session", "open cursor", "statement timeout",
)  # fmt: skip
SPOILING_THE_SETTLEMENT = ("BEGIN", "search path", "role", "read only", "temporary table")


def each(test: str, *values: Iterable[str]) -> list[str]:
    """The names of a test with every combination of its parameters, in the order of the name."""
    names = [""]
    for some in values:
        names = [f"{name}-{value}".lstrip("-") for name in names for value in some]
    return [f"{test}[{name}]" for name in names]


RESULT = "test_what_is_no_result_is_one_clear_error_that_is_final"
ERROR = "test_an_error_that_is_hard_to_write_down_is_recorded_and_cut"
SPOILT = "test_a_session_that_an_external_body_has_spoilt_is_as_before_for_the_next"
SPOILT_INSIDE = "test_a_session_that_a_transactional_body_has_spoilt_is_as_before_for_the_next"
LOCK = "test_waiting_for_a_lock_of_somebody_else_is_bounded"

AWAITED: dict[str, list[str]] = {}
