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

AWAITED: dict[str, list[str]] = {
    "a result that raises when it is read passes the executor and ends the worker: "
    "_judged in actions/executor/python.py catches ValueError only": [
        f"{RESULT}[result: a dict that raises]",
        f"{RESULT}[result: a dict that exits]",
    ],
    "an exception whose __str__ raises a BaseException ends the worker: "
    "_message in actions/executor/failures.py catches Exception only": [
        f"{ERROR}[error: exits when asked]"
    ],
    "the name of an exception's class is recorded without a bound: "
    "failure_of in actions/executor/failures.py": [f"{ERROR}[error: long name]"],
    "a CancelledError of a coroutine's own ends its lane and the worker with it: run_coroutine "
    "lets it pass, and ended.result() in workflows/loop.py raises it": [
        f"{ERROR}[error: CancelledError]"
    ],
    "a line over 4,096 characters is cut without a word, before text_of can say so: "
    "_write in actions/context.py": each("test_a_line_that_is_too_long_is_cut_and_says_so", LANES),
    "a fork in a body goes on as a second worker with the same session: "
    "nothing compares the process id after a body": each(
        "test_a_body_that_forks_and_returns_twice_has_one_end", LANES
    ),
    "what a body started outlives its worker: workers have no process group of their own that "
    "the supervisor could end": [
        *each(
            "test_what_a_body_leaves_running_ends_with_its_worker",
            LANES,
            ("many forks", "programs left"),
        ),
        "test_what_a_body_leaves_running_ends_when_its_worker_is_killed",
    ],
    "whoever was under way when the worker died is charged with a crash: reap counts one for "
    "all that was held, so neighbours end as crash_loop": [
        *each("test_coroutines_beside_a_deadly_body_are_not_given_up", LANES),
        *each("test_a_plain_body_beside_a_deadly_coroutine_is_not_given_up", PLAIN),
    ],
    "nothing kills a worker whose body ignores its deadline": [
        *each("test_a_body_that_no_signal_reaches_ends_with_its_worker", SHORT, DEAF),
        *each("test_a_coroutine_that_blocks_its_lane_ends_with_its_worker", BLOCKING),
        *each(
            "test_a_coroutine_that_waits_for_ever_ends_however_it_takes_that", ("stubborn wait",)
        ),
        *each("test_a_body_cut_off_that_may_not_be_repeated_has_one_attempt", ("loop in C",)),
        *each(
            "test_an_endless_statement_is_cut_in_the_server_too",
            SHORT,
            ("sql: stubborn statement",),
        ),
        "test_what_a_body_leaves_running_ends_when_its_worker_is_cut_off",
    ],
    "an action that declares no timeout has none": [
        "test_an_action_without_a_timeout_has_that_of_the_settings[endless loop-poison-outside]",
        "test_an_action_without_a_timeout_has_that_of_the_settings[loop in C-poison-inside]",
        "test_an_action_without_a_timeout_has_that_of_the_settings[endless wait-poison-beside]",
        "test_an_action_without_a_timeout_has_that_of_the_settings[blocked thread-poison-beside]",
    ],
    "a cancel is only a request: nothing ends a body that does not look at it": [
        *each(
            "test_a_body_that_ignores_a_cancel_is_interrupted",
            ("endless loop", "wait in C"),
            PLAIN,
        ),
        *each(
            "test_a_coroutine_that_ignores_a_cancel_is_interrupted",
            ("endless wait", "stubborn wait"),
        ),
        *each("test_a_cancelled_body_that_no_signal_reaches_ends_with_its_worker", PLAIN, DEAF),
        *each(
            "test_a_cancelled_body_that_was_killed_and_is_not_repeatable_has_an_unknown_outcome",
            ("stubborn loop", "loop in C"),
        ),
    ],
    "no lock_timeout is set before a body": [
        f"{LOCK}[sql: a lock of somebody else-poison-inside]",
        f"{LOCK}[sql: locked table-poison-inside]",
    ],
    "what a body that ended its transaction did is recorded as known: _outcome in "
    "actions/backoff.py overrules the failure's own word": each(
        "test_a_body_that_ends_its_transaction_is_not_run_again", ("sql: COMMIT", "sql: ROLLBACK")
    ),
    "COMMIT followed by BEGIN is not noticed, so the body is run again although its writes have "
    "stayed: is_ended in actions/executions/savepoints.py looks for an idle session only": [
        "test_a_body_that_ends_its_transaction_and_begins_another_is_not_run_again"
    ],
    "a connection that the body itself has closed counts as an outage: the attempt is run four "
    "times (_LONELY_RUNS in actions/executions/perform.py)": each(
        "test_a_body_that_takes_the_connection_away_fails_once_an_attempt",
        ("sql: closed connection", "sql: replaced connection"),
    ),
    "a session lock outlives the attempt: nothing resets the session after a body": each(
        "test_what_a_body_may_do_leaves_nothing_behind", ("sql: session lock",)
    ),
    "nothing looks at what a body has changed in its process": [
        *each(
            "test_a_worker_that_a_body_has_spoilt_is_as_before_for_the_next",
            (*CHANGED, "signal handlers"),
        ),
        *each("test_a_worker_that_a_coroutine_has_spoilt_is_as_before_for_the_next", CHANGED),
    ],
    "nothing resets the session after a body, so the next one finds it changed": [
        *each(SPOILT, LEFT_IN_THE_SESSION),
        *each(SPOILT_INSIDE, LEFT_IN_THE_SESSION),
    ],
    "an external success is settled on the session that its body has spoilt, and recorded as a "
    "failure: unstorable": each(SPOILT, SPOILING_THE_SETTLEMENT),
    "with autocommit off the settlement is never committed": each(SPOILT, ("autocommit",)),
    "a timer that a body has set kills the worker in the middle of the next body": each(
        "test_a_timer_that_a_body_has_set_interrupts_nobody_after_it",
        ("interval timer", "alarm"),
        ("poison-outside", "poison-beside"),
    ),
    "what was claimed with a deadly body and had not begun is charged an attempt: "
    "reap settles all that was held as lost": each(
        "test_quick_neighbours_in_the_same_transaction_pay_nothing", ("segfault", "exit 0")
    ),
    "with another DateStyle the driver cannot read the next claim, and the worker dies": each(
        SPOILT, ("date style",)
    ),
}
