"""Every case of the contract with callers has its test, and whoever removes one is told which.

The cases are those of idempotency over REST, in the order in which they were agreed. A test stands
for a case by its address, `<file>::<function>`, below tests/.
"""

import pytest

from tests.house import source

API = "actions/api"
EXECUTE, PARAMS, KEYS = f"{API}/test_execute.py", f"{API}/test_params.py", f"{API}/test_keys.py"
PROCESSES, RACES, ENDS = (f"{API}/test_{one}.py" for one in ("processes", "races", "ends"))
BATCH, WAITING, RETENTION = (f"{API}/test_{one}.py" for one in ("batch", "waiting", "retention"))
PERMISSIONS, RELEASE = f"{API}/test_permissions.py", f"{API}/test_idempotency_keys.py"
AUTHENTICATION, COMMANDS = f"{API}/test_authentication.py", f"{API}/test_commands.py"
DEFINE = f"{API}/test_define.py"
CRASHES, WEB = "faults/test_over_http.py", "faults/test_web.py"

NOT_JSON = f"{PARAMS}::test_what_is_not_acceptable_json_is_refused"
APART = f"{PARAMS}::test_values_that_differ_are_told_apart"
ALIKE = f"{PARAMS}::test_how_a_value_is_written_does_not_matter"
NO_KEY = f"{KEYS}::test_what_is_no_key_is_refused_and_not_repeated"
OLD_KEY = f"{PROCESSES}::test_of_many_at_once_with_an_old_key_one_executes_anew"

CASES = {
    # Basics
    "a new key executes once": f"{EXECUTE}::test_a_new_key_executes_once",
    "same key and params replay id and result, with one effect": (
        f"{PROCESSES}::test_one_key_twice_is_one_execution_marked_as_a_replay"
    ),
    "null, 0, empty text, false and [] replay as they are": (
        f"{EXECUTE}::test_any_result_is_replayed_as_it_is"
    ),
    "no key twice is two executions": (
        f"{EXECUTE}::test_without_a_key_two_requests_are_two_executions"
    ),
    "required and missing is 400": f"{EXECUTE}::test_a_key_that_is_required_and_missing_is_refused",
    "a thousand repeats have one effect and identical bodies": (
        f"{EXECUTE}::test_a_thousand_repeats_have_one_effect_and_one_body"
    ),
    "first and replay carry the same Idempotency-Expires": (
        f"{EXECUTE}::test_first_outcome_and_replay_carry_the_same_expiry"
    ),
    # Params
    "other params are 422, also while it runs": (
        f"{PARAMS}::test_other_params_are_refused_however_far_the_first_has_come"
    ),
    "other params are 422 after a failure with on_failed=retry": (
        f"{PARAMS}::test_other_params_are_refused_after_a_failure_that_may_be_retried"
    ),
    "a nested change is 422": (
        f"{PARAMS}::test_other_params_are_refused_while_the_first_is_under_way"
    ),
    "key order, whitespace and escape style do not matter": ALIKE,
    '2^53 and 2^53+1, true/1, "1"/1, [1,2]/[2,1] and {}/[] differ': APART,
    "null and absent differ": f"{PARAMS}::test_null_is_not_the_same_as_absent",
    "what is no acceptable JSON is 400 and nothing stored": NOT_JSON,
    "one byte over the limit is 413": (f"{PARAMS}::test_a_body_one_byte_over_the_limit_is_refused"),
    "a body of exactly the limit is fine": f"{PARAMS}::test_a_body_of_exactly_the_limit_is_fine",
    "fifty megabytes are 413": f"{RACES}::test_fifty_megabytes_are_refused",
    "a schema default added between two calls replays": (
        f"{PARAMS}::test_a_default_added_to_the_schema_between_two_calls_replays"
    ),
    "a new version of the action replays the old result": (
        f"{PARAMS}::test_a_new_version_of_the_action_replays_the_old_result"
    ),
    "limits of an action that cannot be kept are refused": (
        f"{DEFINE}::test_a_limit_that_cannot_be_kept_is_refused_by_its_place"
    ),
    # Key
    "lengths 1 and 255 are fine": f"{KEYS}::test_a_key_of_allowed_characters_is_kept_as_it_is",
    "lengths 0 and 256, space, tab, NUL, DEL and emoji are refused": NO_KEY,
    "a megabyte is refused": f"{RACES}::test_a_key_of_a_megabyte_is_refused",
    "CR and LF are refused": f"{KEYS}::test_line_breaks_never_reach_a_key",
    "header against body": f"{KEYS}::test_different_keys_in_header_and_body_are_refused",
    "SQL and HTML in a key are stored and shown harmlessly": (
        f"{RELEASE}::test_sql_and_html_in_a_key_are_stored_and_shown_harmlessly"
    ),
    # Concurrency
    "fifty on an empty table make one execution": (
        f"{PROCESSES}::test_fifty_at_once_with_one_key_over_two_servers_have_one_effect"
    ),
    "fifty on an expired key, or on a failed one with retry, make one": OLD_KEY,
    "with two different params one wins, the others get 422": (
        f"{PROCESSES}::test_of_two_requests_at_once_with_one_key_one_wins"
    ),
    "the winner's claim rolls back, one waiter becomes owner": (
        f"{RACES}::test_when_the_winner_of_a_key_dies_before_its_commit_one_who_waits_becomes_the_owner"
    ),
    "a second caller gets the first one's result": (
        f"{WAITING}::test_a_second_caller_waits_for_the_first_ones_result"
    ),
    "respond-async is 202": f"{WAITING}::test_respond_async_is_answered_at_once",
    "on_conflict=fail is 409, and replays later": (
        f"{EXECUTE}::test_a_repeat_may_ask_to_be_refused_while_the_first_is_under_way"
    ),
    "queued with all workers busy, a repeat attaches": (
        f"{RACES}::test_while_all_workers_are_busy_a_repeat_attaches_to_what_is_queued"
    ),
    "a waiter disconnects, nothing changes": (
        f"{PROCESSES}::test_a_caller_who_hangs_up_changes_nothing"
    ),
    "a batch with one used key replays that item": (
        f"{BATCH}::test_a_batch_with_a_used_key_replays_that_item"
    ),
    "the same key twice in one batch runs nothing": (
        f"{BATCH}::test_a_key_that_is_used_twice_in_a_batch_is_refused_and_nothing_runs"
    ),
    # Isolation
    "another action is separate": f"{EXECUTE}::test_keys_of_different_actions_are_different",
    "another kind is separate": (
        f"{ENDS}::test_a_key_of_a_command_and_one_of_an_action_are_different"
    ),
    "two API keys share": f"{EXECUTE}::test_two_callers_share_a_key",
    "no scope is 403, equal for used and unused keys": (
        f"{PERMISSIONS}::test_without_the_scope_used_and_unused_keys_look_the_same"
    ),
    "a revoked key is 401": (f"{AUTHENTICATION}::test_a_key_that_counts_no_longer_is_refused"),
    # Stored
    "refused and corrected, the same key executes": (
        f"{PARAMS}::test_a_request_that_was_refused_and_corrected_executes_under_its_key"
    ),
    "a permanent error replays without a second attempt": (
        f"{EXECUTE}::test_a_stored_failure_is_replayed_and_not_tried_again"
    ),
    "two retriable failures, then success: one execution, three attempts": (
        f"{ENDS}::test_two_failures_and_a_success_are_one_execution_of_three_attempts"
    ),
    "exhausted replays, retry makes a linked one": (
        f"{ENDS}::test_what_has_no_attempt_left_is_replayed_and_a_retry_is_linked_to_it"
    ),
    "a result that is no JSON fails and is not re-executed": (
        f"{ENDS}::test_a_result_that_is_no_json_fails_and_is_not_tried_again"
    ),
    "a result that is too large fails and is not truncated": (
        f"{ENDS}::test_a_result_that_is_too_large_fails_whole_and_is_not_tried_again"
    ),
    # Crash
    "the web process is killed before and after the commit": (
        f"{WEB}::test_a_request_whose_web_process_was_killed_may_be_sent_again"
    ),
    "the worker is killed, transactional: one effect": (
        f"{CRASHES}::test_a_transactional_action_whose_worker_was_killed_succeeds_with_one_effect"
    ),
    "the worker is killed, external: worker_lost, outcome unknown": (
        f"{CRASHES}::test_an_external_action_whose_worker_was_killed_fails_with_its_outcome_unknown"
    ),
    "the lease has not expired, a second worker does nothing": (
        f"{CRASHES}::test_while_a_lease_is_extended_a_second_worker_does_nothing"
    ),
    "a late worker is refused and recorded": (
        f"{CRASHES}::test_a_worker_that_comes_too_late_is_refused_and_recorded"
    ),
    "three crashes are a crash_loop": (
        f"{CRASHES}::test_an_action_that_kills_three_workers_is_a_crash_loop"
    ),
    "two reapers write one event": (
        f"{CRASHES}::test_of_two_who_reap_the_same_worker_one_writes_one_event"
    ),
    # Expiry and re-run
    "an expired key executes anew, the old record stays readable": (
        f"{EXECUTE}::test_an_expired_key_executes_anew_and_the_old_record_stays_readable"
    ),
    "a run longer than the retention keeps its key": (
        f"{RETENTION}::test_a_run_longer_than_the_retention_keeps_its_key"
    ),
    "a manual re-run leaves the key with the original": (
        f"{COMMANDS}::test_a_rerun_leaves_the_key_with_the_original"
    ),
    "a released key executes anew": f"{RELEASE}::test_a_released_key_executes_anew",
    "a dropped connection resends the same key: one effect": (
        f"{WEB}::test_a_caller_whose_line_is_cut_gets_the_same_execution_when_it_asks_again"
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_case_of_the_contract_has_its_test(case):
    file, _, name = CASES[case].partition("::")
    path = source.ROOT / "tests" / file

    there = {function.name for function in source.functions(path)} if path.exists() else set()

    assert name in there, f"nothing tests any more that {case}: there is no {CASES[case]}"
