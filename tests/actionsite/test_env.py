"""Typed readers: what they take, and the sentence that stops the start."""

from pathlib import Path

import pytest

from actionsite.env import Environment, WrongSetting

SECRET = "s" * 50


@pytest.mark.parametrize(
    ("value", "expected"),
    [("7", 7), (" 7 ", 7), ("", 3), ("1", 1), ("10", 10)],
)
def test_a_whole_number_within_its_bounds_is_read(value, expected):
    assert Environment({"N": value}).integer("N", default=3, low=1, high=10) == expected


@pytest.mark.parametrize("value", ["0", "11", "1.5", "ten", "-1", "1e1", "0x1"])
def test_another_number_is_refused_with_advice(value):
    with pytest.raises(WrongSetting, match=r"^N is '.+'; use a whole number from 1 to 10\.$"):
        Environment({"N": value}).integer("N", default=3, low=1, high=10)


@pytest.mark.parametrize(("value", "expected"), [("0.5", 0.5), ("30", 30.0), ("", 5.0)])
def test_seconds_may_have_fractions(value, expected):
    assert Environment({"S": value}).seconds("S", default=5, low=0, high=60) == expected


@pytest.mark.parametrize("value", ["nan", "inf", "-1", "61", "1m", "1,5"])
def test_what_is_no_number_of_seconds_is_refused(value):
    with pytest.raises(WrongSetting, match="use a number of seconds from 0 to 60"):
        Environment({"S": value}).seconds("S", default=5, low=0, high=60)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("1", True), ("true", True), ("ON", True), ("0", False), ("No", False), ("", False)],
)
def test_a_switch_is_read_in_the_usual_words(value, expected):
    assert Environment({"B": value}).boolean("B", default=False) is expected


def test_another_word_for_a_switch_is_refused():
    with pytest.raises(WrongSetting, match=r"^B is 'maybe'; use 1 or 0\.$"):
        Environment({"B": "maybe"}).boolean("B", default=False)


@pytest.mark.parametrize(
    ("value", "expected"), [("a, b ,,c", ["a", "b", "c"]), ("", []), (" , ", [])]
)
def test_names_are_separated_by_commas(value, expected):
    assert Environment({"L": value}).names("L") == expected


def test_a_relative_path_is_taken_from_the_current_directory(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)

    assert Environment({"P": "here"}).path("P", default=Path("/")) == tmp_path / "here"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("https://a.example", "https://a.example"),
        ("https://a.example/", "https://a.example"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_an_address_loses_the_slash_at_its_end(value, expected):
    assert Environment({"U": value}).url("U") == expected


@pytest.mark.parametrize(
    "value",
    [
        "a.example",
        "ftp://a.example",
        "https://",
        "https://a.example/path",
        "https://a.example?x=1",
        "https://user@a.example",
        "https://a.example:port",
        "https://a.example:0",
        "https://a.example:99999",
    ],
)
def test_what_is_no_bare_address_is_refused(value):
    with pytest.raises(WrongSetting, match="use an address such as https://"):
        Environment({"U": value}).url("U")


def test_one_of_a_few_words_is_read_and_others_are_refused():
    environment = Environment({"E": "prod"})

    with pytest.raises(WrongSetting, match=r"^E is 'prod'; use one of a, b\.$"):
        environment.choice("E", options=("a", "b"), default="a")

    assert Environment({}).choice("E", options=("a", "b"), default="a") == "a"


def test_a_missing_variable_is_named():
    with pytest.raises(WrongSetting, match=r"^T is not set; set it, docs/settings.md says"):
        Environment({"T": "  "}).text("T")


def test_a_secret_of_fifty_characters_is_read():
    assert Environment({"K": SECRET}).secret("K") == SECRET


def test_a_short_secret_is_refused_and_not_shown():
    with pytest.raises(WrongSetting) as refusal:
        Environment({"K": "hunter2" * 7}).secret("K")

    assert "K has 49 characters; use at least 50" in str(refusal.value)
    assert "hunter2" not in str(refusal.value)
