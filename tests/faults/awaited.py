"""What the product does not survive yet: why, and the tests that will show when it does."""

RESULT = "test_what_is_no_result_is_one_clear_error_that_is_final"
ERROR = "test_an_error_that_is_hard_to_write_down_is_recorded_and_cut"

AWAITED = {
    "a result that raises when it is read passes the executor and ends the worker: "
    "_judged catches ValueError only": [
        f"{RESULT}[result: a dict that raises]",
        f"{RESULT}[result: a dict that exits]",
    ],
    "an exception whose __str__ raises a BaseException ends the worker: "
    "failures._message catches Exception only": [f"{ERROR}[error: exits when asked]"],
    "the name of an exception's class is recorded without a bound": [f"{ERROR}[error: long name]"],
    "a CancelledError raised by a coroutine itself ends its lane and the worker with it: "
    "run_coroutine lets it pass": [f"{ERROR}[error: CancelledError]"],
}
