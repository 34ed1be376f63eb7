"""The guard: what is not public is refused, however it is written, and nothing is asked twice."""

import asyncio
import ipaddress

import pytest

from actions.errors import Final, Retry
from actions.executor.egress import EntryInvalid, Guard, is_public, parse_allowed, unwrapped

PUBLIC = "93.184.216.34"

CORPUS = """
127.0.0.1 127.1 127.0.1 2130706433 0x7f000001 0x7f.1 0177.0.0.1 017700000001 0 0.0.0.0
①②⑦.0.0.1 127。0。0。1 localhost localhost. LOCALHOST ⓛⓞⓒⓐⓛⓗⓞⓢⓣ [::1] ::1 :: 0:0:0:0:0:0:0:1
::ffff:127.0.0.1 ::ffff:7f00:1 ::127.0.0.1 ::ffff:0:127.0.0.1 ::ffff:169.254.169.254
10.0.0.1 172.16.0.1 172.31.255.254 192.168.1.1 100.64.0.1 100.100.100.200 169.254.169.254
2852039166 0xa9fea9fe 169.254.170.2 168.63.129.16 192.0.0.192 192.0.0.1 192.0.2.1 192.88.99.1
198.18.0.1 198.51.100.7 203.0.113.7 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255
64:ff9b::a9fe:a9fe 64:ff9b::7f00:1 64:ff9b:1::7f00:1 2002:7f00:1::1 2002:a9fe:a9fe::1
2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:db8::1 3fff::1 fe80::1 fec0::1 fc00::1
fd00:ec2::254 ff02::1 ff0e::1 100::1 5f00::1 4000::1
"""
ENCODINGS = CORPUS.split()

OPEN = [PUBLIC, "1.1.1.1", "2606:4700:4700::1111", "2a00:1450:4001::1", "64:ff9b::808:808"]


def addresses(guard: Guard, host: str, port: int = 443) -> list[str]:
    return asyncio.run(guard.addresses(host, port))


def answering(*turns: list[str]):
    """A resolver that answers in turn, and the names that it was asked for."""
    asked: list[str] = []

    async def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return turns[min(len(asked), len(turns)) - 1]

    return resolve, asked


def test_the_corpus_is_as_large_as_promised():
    assert len(set(ENCODINGS)) >= 40


@pytest.mark.parametrize("host", ENCODINGS)
def test_what_is_not_public_is_refused_however_it_is_written(host):
    with pytest.raises(Final) as refusal:
        addresses(Guard(), host)

    assert refusal.value.code == "egress_refused"


@pytest.mark.parametrize("address", OPEN)
def test_what_is_public_passes(address):
    assert addresses(Guard(), address) == [address]


@pytest.mark.parametrize("port", [1, 22, 25, 81, 5432, 6379, 8080, 65535])
def test_other_ports_than_those_of_the_web_are_refused(port):
    resolve, asked = answering([PUBLIC])

    with pytest.raises(Final, match="not allowed from here"):
        addresses(Guard(resolve=resolve), "api.example.com", port)

    assert not asked


@pytest.mark.parametrize(
    "host", ["", ".", "a b", "a/b", "a@b", "a:b@c", "%31", "x" * 300, "-", "a\x00b"]
)
def test_what_is_no_host_is_refused(host):
    with pytest.raises((Final, Retry)) as refusal:
        addresses(Guard(), host)

    assert refusal.value.code in ("url_invalid", "egress_refused", "name_not_resolved")


def test_every_address_of_a_name_has_to_be_public():
    resolve, _ = answering([PUBLIC, "10.0.0.1"])

    with pytest.raises(Final, match="not allowed"):
        addresses(Guard(resolve=resolve), "api.example.com")


def test_a_name_is_looked_up_once_and_its_answer_is_what_is_dialled():
    resolve, asked = answering([PUBLIC], ["127.0.0.1"])

    found = addresses(Guard(resolve=resolve), "rebinding.example.com")

    assert found == [PUBLIC]
    assert asked == ["rebinding.example.com"]


def test_a_name_that_turns_inside_is_refused_the_next_time():
    resolve, _ = answering([PUBLIC], ["127.0.0.1"])
    guard = Guard(resolve=resolve)
    addresses(guard, "rebinding.example.com")

    with pytest.raises(Final, match="not allowed"):
        addresses(guard, "rebinding.example.com")


def test_a_refusal_does_not_tell_what_listens_there():
    said = set()
    for port in (443, 80):
        with pytest.raises(Final) as refusal:
            addresses(Guard(), "127.0.0.1", port)
        said.add(refusal.value.message.replace(str(port), "port"))

    assert len(said) == 1


def test_a_name_without_an_address_may_have_one_later():
    async def resolve(host: str, port: int) -> list[str]:
        raise OSError("no such name")

    with pytest.raises(Retry) as failure:
        addresses(Guard(resolve=resolve), "gone.example.com")

    assert failure.value.code == "name_not_resolved"


@pytest.mark.parametrize(
    ("entry", "host", "port"),
    [
        ("127.0.0.1:8026", "127.0.0.1", 8026),
        ("127.0.0.1:8026", "2130706433", 8026),
        ("10.0.0.0/8", "10.1.2.3", 443),
        ("10.0.0.0/8:8080", "10.1.2.3", 8080),
        ("[fd00::/8]:8080", "fd00::1", 8080),
        ("fd00::/8", "[fd00::1]", 80),
        ("127.0.0.0/8:80", "::ffff:127.0.0.1", 80),
        (f"{PUBLIC}:8443", PUBLIC, 8443),
        ("localhost:8025", "LOCALHOST.", 8025),
    ],
)
def test_what_the_list_allows_passes(entry, host, port):
    assert addresses(Guard(parse_allowed([entry])), host, port)


@pytest.mark.parametrize(
    ("entry", "host", "port"),
    [
        ("127.0.0.1:8026", "127.0.0.1", 8027),
        ("127.0.0.1:8026", "127.0.0.2", 8026),
        ("127.0.0.1:8026", "127.0.0.1", 80),
        ("localhost:8025", "127.0.0.1", 8025),
        ("10.0.0.0/8", "10.1.2.3", 22),
        ("10.0.0.0/8:22", PUBLIC, 22),
        ("::/0", "127.0.0.1", 80),
    ],
)
def test_and_nothing_beside_it(entry, host, port):
    with pytest.raises(Final, match="not allowed"):
        addresses(Guard(parse_allowed([entry])), host, port)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("", "is no host or network"),
        ("http://a", "is no host"),
        ("10.0.0.1/8", "host bits"),
        ("1.2.3", "is no network"),
        ("*.example.com", "is no host"),
        ("a b", "is no host"),
        ("a:0", "port 0"),
        ("a:99999", "port 99999"),
        ("a:b", "is no network"),
    ],
)
def test_an_entry_that_cannot_be_says_so(entry, said):
    with pytest.raises(EntryInvalid, match=said):
        parse_allowed([entry])


def test_an_address_that_carries_another_is_judged_by_that():
    mapped = ipaddress.ip_address("::ffff:8.8.8.8")

    assert str(unwrapped(mapped)) == "8.8.8.8"
    assert is_public(unwrapped(mapped))
    assert not is_public(mapped)
