"""What is asked of the record: the filters of an address, by what each question is about."""

from collections.abc import Mapping

from benchmarks.search.filling import (
    BUSY_USER,
    GONE_USER,
    NEVER_FAILED_ACTION,
    RARE_WORD,
    RETIRED_ACTION,
    SHARED_WORD,
)

Query = Mapping[str, str]

_GOAL = {"status": "failed", "since": "-24h", "error": "SMTP"}
# The worst cases are those in which few rows match, or only old ones.
QUESTIONS: Mapping[str, Query] = {
    "nothing": {},
    "goal_rare_user": {"params.userId": "usr_77", **_GOAL},
    "goal_busy_user": {"params.userId": BUSY_USER, **_GOAL},
    "goal_busy_user_any_time": {
        "params.userId": BUSY_USER,
        "status": "failed",
        "error": RARE_WORD,
    },
    "rare_user": {"params.userId": "usr_77"},
    "busy_user": {"params.userId": BUSY_USER},
    "gone_user": {"params.userId": GONE_USER},
    "nobody": {"params.userId": "usr_nobody"},
    "two_params": {"params.userId": BUSY_USER, "params.address.city": "city-7"},
    "common_param": {"params.currency": "EUR", "params.isTrial": "true"},
    "word_of_every_error": {"error": SHARED_WORD},
    "word_of_one_error": {"error": RARE_WORD},
    "word_of_no_error": {"error": "xylophone"},
    "words_of_one_user": {"error": f"upstream {BUSY_USER}"},
    "failed": {"status": "failed"},
    "cancelled": {"status": "cancelled"},
    "running": {"status": "running"},
    "action": {"action": "job-3"},
    "retired_action": {"action": RETIRED_ACTION},
    "action_that_never_failed": {"action": NEVER_FAILED_ACTION, "status": "failed"},
    "error_code": {"error_code": "fault_7"},
    "key": {"key": "key-4242"},
    "actor": {"actor": "client-3"},
    "rare_actor": {"actor": "ada"},
    "worker": {"worker": "host-3:7"},
    "worker_and_failed": {"worker": "host-3:7", "status": "failed"},
    "range_long_ago": {"since": "-50d", "until": "-49d"},
    "q_id": {"q": "exec_01kbaaaaaaaaaaaaaaaaaaaaaa"},
    "q_key": {"q": "key-4242"},
    "q_action": {"q": "job-3"},
    "q_retired_action": {"q": RETIRED_ACTION},
    "q_busy_user": {"q": BUSY_USER},
    "q_gone_user": {"q": GONE_USER},
    "q_order": {"q": "ord_4242"},
    "q_nothing": {"q": "xylophone"},
}
