"""Keys: which texts are one, and what is done with strange ones."""

import pytest

from conformance.api import Api, check_refused, executed, new_name

FINE = {
    "one character": "~",
    "255 characters": "k" * 255,
    "SQL": "';DROP/**/TABLE/**/executions;--",
    "HTML": "<script>alert(1)</script>",
    "punctuation": "!#$%&'()*+,-./:;<=>?@[]^_`{|}~",
}
NO_KEYS = {
    "nothing": "",
    "256 characters": "k" * 256,
    "a megabyte": "k" * 1_000_000,
    "a space": "a b",
    "a tab": "a\tb",
    "a line's end": "a\r\nX-Other: b",
    "NUL": "a\x00b",
    "DEL": "a\x7fb",
    "an emoji": "😀",
}


@pytest.mark.parametrize("key", FINE.values(), ids=FINE)
def test_a_strange_key_is_kept_as_it_is(api: Api, name: str, key: str) -> None:
    # The shortest one can be used once in the life of a service; its action is of this test alone.
    answer = api.execute("conformance-draw", {"name": "strange keys"}, idempotency_key=key)

    body = executed(answer)
    found = api.get("/idempotency-keys", name="conformance-draw", key=key).json()
    assert answer.headers["content-type"] == "application/json"
    assert body["idempotency"]["key"] == key
    assert (found["key"], found["execution"]) == (key, body["id"])


@pytest.mark.parametrize("key", NO_KEYS.values(), ids=NO_KEYS)
def test_what_is_no_key_is_refused_and_not_shown(api: Api, name: str, key: str) -> None:
    answer = api.execute("conformance-draw", {"name": name}, idempotency_key=key)

    if key != "a\x00b":
        check_refused(answer, 400, "idempotency-key-invalid")
    assert answer.status_code == 400
    assert not key or key not in answer.text
    assert api.count(**{"params.name": name}) == 0


def test_a_header_and_a_body_that_differ_are_refused(api: Api, name: str) -> None:
    answer = api.execute("conformance-draw", {"name": name}, key=name, idempotency_key=new_name())

    check_refused(answer, 400, "idempotency-key-ambiguous")
    assert api.count(**{"params.name": name}) == 0


def test_a_quoted_header_is_the_text_between_its_quotes(api: Api, name: str) -> None:
    plain = executed(api.execute("conformance-draw", {"name": name}, key=name))

    quoted = executed(api.execute("conformance-draw", {"name": name}, key=f'"{name}"'))

    assert quoted["id"] == plain["id"]
