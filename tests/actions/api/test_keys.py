"""Which texts are idempotency keys, and where they may stand."""

import pytest

from actions import access
from actions.models import Execution, IdempotencyRecord
from tests.actions.api.conftest import assert_refused, stored


@pytest.mark.parametrize("key", ["k", "k" * 255, "!~", "a';DROP/**/TABLE/**/x;--", "<b>bold</b>"])
def test_a_key_of_allowed_characters_is_kept_as_it_is(quick_api, key):
    answer = quick_api.execute("probe-nothing", key=key)

    assert answer.json()["idempotency"]["key"] == key
    assert IdempotencyRecord.objects.get().key == key


@pytest.mark.parametrize(
    "key", ["", "k" * 256, "k" * 100_000, "a b", "a\tb", "a\x7f", "é", "\x00", "\N{PARTY POPPER}"]
)
@pytest.mark.parametrize("place", ["header", "body"])
def test_what_is_no_key_is_refused_and_not_repeated(quick_api, key, place):
    answer = send(quick_api, place, key)

    assert_refused(answer, 400, "idempotency-key-invalid", advice="use ")
    assert str(len(as_received(place, key))) in answer.json()["detail"]
    assert not key or len(key) == 1 or key not in answer.content.decode()
    assert stored() == (0, 0, 0)


def test_line_breaks_never_reach_a_key(quick_api):
    answer = send(quick_api, "body", "a\r\nb")

    assert_refused(answer, 400, "idempotency-key-invalid", advice="use letters")


@pytest.mark.parametrize(("header", "key"), [('"k-1"', "k-1"), ('"a\\"b"', 'a"b')])
def test_a_quoted_key_is_read_as_a_string(quick_api, header, key):
    answers = [send(quick_api, place, header).json() for place in ("header", "body")]
    entry = {"action": "probe-nothing", "idempotency_key": header}
    batch = quick_api.post("/executions/batch", {"executions": [entry]}).json()

    answers.append(batch["entries"][0]["execution"])
    assert {answer["idempotency"]["key"] for answer in answers} == {key}
    assert len({answer["id"] for answer in answers}) == 1


@pytest.mark.parametrize("place", ["header", "body"])
@pytest.mark.parametrize("key", ['"k-1', '"', '"a"b"', '"a\\b"'])
def test_a_key_that_is_quoted_wrongly_is_refused(quick_api, place, key):
    answer = send(quick_api, place, key)

    assert_refused(answer, 400, "idempotency-key-invalid", advice="The idempotency key")


def test_a_key_that_would_count_for_nothing_is_refused(quick_api, caller):
    admin = caller(*access.PERMISSIONS)
    header = {"Idempotency-Key": "k"}
    calls = {
        "/executions/batch": {"executions": [{"action": "probe-nothing"}]},
        "/api-keys": {"name": "shop", "scopes": ["admin"]},
        "/workflows": {"workflow": "story", "steps": {}},
    }

    for path, body in calls.items():
        answer = admin.post(path, body, headers=header)
        assert_refused(answer, 400, "malformed-request", advice="takes no Idempotency-Key header")
    assert stored() == (0, 0, 0)
    assert admin.get("/actions", headers=header).status_code == 200


def test_the_same_key_in_header_and_body_is_fine(quick_api):
    answer = quick_api.execute("probe-nothing", key="k-1", idempotency_key="k-1")

    assert answer.json()["idempotency"]["key"] == "k-1"


def test_different_keys_in_header_and_body_are_refused(quick_api):
    answer = quick_api.execute("probe-nothing", key="k-1", idempotency_key="k-2")

    assert_refused(answer, 400, "idempotency-key-ambiguous", advice="send one of them")
    assert stored() == (0, 0, 0)


def test_header_and_body_name_the_same_request(quick_api):
    first = quick_api.execute("probe-nothing", key="k-1")
    again = quick_api.execute("probe-nothing", idempotency_key="k-1")

    assert first.json()["id"] == again.json()["id"]
    assert Execution.objects.count() == 1


def send(api, place: str, key: str):
    """Execute with a key in the header or in the body; header bytes as a server would see them."""
    if place == "body":
        return api.execute("probe-nothing", idempotency_key=key.replace("\x00", "\x01"))
    return api.execute("probe-nothing", key=as_received(place, key))


def as_received(place: str, key: str) -> str:
    """A header's bytes reach the application as Latin-1."""
    return key.encode().decode("latin-1") if place == "header" else key
