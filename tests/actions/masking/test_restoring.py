"""Secrets survive an edit that did not touch them."""

from actions import masking
from actions.masking import restored

SCHEMA = {"type": "object", "properties": {"pin": {"type": "string", "x-secret": True}}}
ORIGINAL = {"user": "ada", "pin": "1234", "login": {"password": "hunter2", "name": "a"}}


def shown():
    """What the form shows of the original."""
    return masking.masked(ORIGINAL, schema=SCHEMA)


def edit(value, *, keeps_absent=False):
    return restored(value, original=ORIGINAL, schema=SCHEMA, keeps_absent=keeps_absent)


def test_what_was_left_alone_is_as_it_was():
    assert shown() != ORIGINAL
    assert edit(shown()) == ORIGINAL


def test_a_new_value_takes_the_place_of_the_old_secret():
    assert edit({**shown(), "pin": "9999"})["pin"] == "9999"


def test_other_fields_change_beside_a_secret_that_stays():
    edited = {**shown(), "user": "eve"}

    assert edit(edited) == {**ORIGINAL, "user": "eve"}


def test_a_secret_that_is_missing_was_taken_away_in_json_and_left_alone_in_fields():
    edited = {"user": "ada"}

    assert edit(edited) == {"user": "ada"}
    assert edit(edited, keeps_absent=True) == {"user": "ada", "pin": "1234"}


def test_dots_where_no_secret_stood_are_just_dots():
    assert edit({"user": masking.MASK})["user"] == masking.MASK


def test_secrets_in_a_list_stay_with_their_entries():
    original = {"logins": [{"password": "one"}, {"password": "two"}]}
    masked = masking.masked(original, schema={})
    masked["logins"].append({"password": "three"})

    kept = restored(masked, original=original, schema={}, keeps_absent=False)

    assert [each["password"] for each in kept["logins"]] == ["one", "two", "three"]
