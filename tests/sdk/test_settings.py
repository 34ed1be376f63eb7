"""Making a client: what is missing or wrong is said at once, and the API key to nobody."""

import pytest

from do_sdk import AsyncDo, Do, WrongOption

URLS = {
    "https://a.example": "https://a.example/api/v1",
    "https://a.example/": "https://a.example/api/v1",
    "https://a.example/api/v1": "https://a.example/api/v1",
    "http://[::1]:8000/below/": "http://[::1]:8000/below/api/v1",
}
WRONG = {
    "no key": ({"api_key": ""}, "make one with manage.py create_api_key"),
    "a key with a line's end": ({"api_key": "as_1\nX: y"}, "no API key"),
    "no address": ({"base_url": None}, "set DO_API_URL or give base_url"),
    "another scheme": ({"base_url": "ftp://a.example"}, "not one of http or https"),
    "no host": ({"base_url": "https:///x"}, "not one of http or https"),
    "a host that cannot be": ({"base_url": "http://a..b"}, "not one of http or https"),
    "a port that cannot be": ({"base_url": "http://a.example:x"}, "not one of http or https"),
    "a port beyond all": ({"base_url": "http://a.example:99999"}, "not one of http or https"),
    "a bracket too few": ({"base_url": "http://[::1"}, "not one of http or https"),
    "a name and a password": ({"base_url": "https://me:secret@a.example"}, "a port and a path"),
    "a name": ({"base_url": "https://me@a.example"}, "a port and a path"),
    "a fragment": ({"base_url": "https://a.example/#x"}, "a port and a path"),
    "an empty fragment": ({"base_url": "https://a.example#"}, "a port and a path"),
    "a query": ({"base_url": "https://a.example/?x=1"}, "a port and a path"),
    "an empty query": ({"base_url": "https://a.example?"}, "a port and a path"),
    "a space before": ({"base_url": " https://a.example"}, "a port and a path"),
    "a space behind": ({"base_url": "https://a.example "}, "a port and a path"),
    "a space in it": ({"base_url": "https://a.example/a b"}, "a port and a path"),
    "a line's end": ({"base_url": "https://a.example\n"}, "a port and a path"),
    "an empty address": ({"base_url": ""}, "set DO_API_URL or give base_url"),
    "an address that is a number": ({"base_url": 5}, "a port and a path"),
    "an address in bytes": ({"base_url": b"https://a.example"}, "a port and a path"),
    "None for a key": ({"api_key": None}, "make one with manage.py create_api_key"),
    "a key in bytes": ({"api_key": b"as_1"}, "make one with manage.py create_api_key"),
    "a key with a space": ({"api_key": "as 1"}, "make one with manage.py create_api_key"),
    "no connections": ({"max_connections": 0}, "max_connections is 0; give a whole number"),
    "less than none": ({"max_connections": -1}, "give a whole number above 0"),
    "connections in a text": ({"max_connections": "5"}, "give a whole number above 0"),
    "no number of connections": ({"max_connections": float("nan")}, "give a whole number above 0"),
    "true connections": ({"max_connections": True}, "give a whole number above 0"),
    "a time-out that is a text": ({"timeout": "5"}, "a number of seconds above 0"),
    "no number": ({"timeout": float("nan")}, "a number of seconds above 0"),
    "no time": ({"timeout": 0}, "a number of seconds above 0"),
}


@pytest.mark.parametrize(("url", "base"), URLS.items())
def test_the_address_of_the_site_is_enough(monkeypatch, url, base):
    monkeypatch.setenv("DO_API_URL", url)

    with Do("as_1") as do:
        assert do._line._settings.base_url == base


@pytest.mark.parametrize("client", [Do, AsyncDo])
@pytest.mark.parametrize(("change", "advice"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_said_with_what_to_do(monkeypatch, client, change, advice):
    monkeypatch.delenv("DO_API_URL", raising=False)
    wish = {"api_key": "as_1", "base_url": "https://a.example", **change}

    with pytest.raises(WrongOption, match=advice) as caught:
        client(wish.pop("api_key"), **wish)

    assert "secret" not in str(caught.value)


def test_the_api_key_is_not_shown():
    with Do("as_very_secret", base_url="https://a.example") as do:
        seen = f"{do!r} {do._line!r} {do._line._settings!r} {vars(do)}"

    assert "very_secret" not in seen
