"""Where actions may connect to: the guard against requests that are forged to reach inside.

Floor 3. A name is looked up once, every address of it is checked, and what is dialled is an address
that was checked: a second lookup could answer something else. All that is not public unicast is
refused before anything is sent, unless the installation's allow-list names it.
"""

import asyncio
import ipaddress
import re
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from actions.errors import Final, Retry

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolver = Callable[[str, int], Awaitable[Sequence[str]]]

PUBLIC_PORTS = frozenset({80, 443})
MAX_HOST = 253
# Of those that were checked, so many are dialled.
_MAX_DIALLED = 4
_MAX_ENTRIES = 1_000
_HIGHEST_PORT = 65_535

# What `is_global` of some Python versions lets pass, or what is public and still is not for us:
# IETF assignments with the metadata of one cloud, another cloud's host, 6to4 relays.
_REFUSED_V4 = [
    ipaddress.IPv4Network(text)
    for text in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
        *("172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16"),
        *("198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3"),
        "168.63.129.16/32",
    )
]
# Public IPv6 is 2000::/3 alone; in it are tunnels (Teredo, 6to4), which hide an IPv4 address, and
# documentation.
_PUBLIC_V6 = ipaddress.IPv6Network("2000::/3")
_REFUSED_V6 = [
    ipaddress.IPv6Network(text) for text in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
]
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_ENTRY = re.compile(
    r"(?P<host>\[[0-9A-Fa-f:.]+(?:/\d+)?\]|[^:\[\]]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:/\d+)?)(?::(?P<port>\d+))?"
)
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?", re.ASCII)


class EntryInvalid(ValueError):
    """An entry of the allow-list that cannot be; the message says what to write instead."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One line of the allow-list: a host by name or a network, and a port; None is 80 and 443."""

    host: str | None = None
    network: Network | None = None
    port: int | None = None

    def has_port(self, port: int) -> bool:
        """Whether it speaks of that port."""
        return port == self.port if self.port is not None else port in PUBLIC_PORTS

    def covers(self, address: Address) -> bool:
        """Whether its network holds the address."""
        return (
            self.network is not None
            and address.version == self.network.version
            and address in self.network
        )


def parse_allowed(texts: Iterable[str]) -> tuple[Entry, ...]:
    """Read entries such as `mail.internal:25`, `10.1.0.0/16`, `[fd00::/8]:8080`.

    Raises EntryInvalid, which names the entry.
    """
    entries = tuple(_entry(text.strip()) for text in texts)
    if len(entries) > _MAX_ENTRIES:
        raise EntryInvalid(f"There are {len(entries)} entries; at most {_MAX_ENTRIES} are read.")
    return entries


async def looked_up(host: str, port: int) -> Sequence[str]:
    """The addresses of a host, by the system's resolver."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


@dataclass(frozen=True, slots=True)
class Guard:
    """Says which addresses a connection may be made to; `resolve` is asked once for each."""

    allowed: tuple[Entry, ...] = ()
    resolve: Resolver = looked_up

    async def addresses(self, host: str, port: int) -> list[str]:
        """The addresses of a host, all of them checked, to be dialled as they are.

        Raises Final `egress_refused`, in the same words whatever listens there, or Retry
        `name_not_resolved`. Nothing has been sent in either case.
        """
        name = normal(host)
        named = [entry for entry in self.allowed if entry.host == name and entry.has_port(port)]
        if not named and not self._may_be_open(port):
            raise refused(host, port)
        try:
            found = [_address(text) for text in await self.resolve(name, port)]
        except (OSError, UnicodeError) as unknown:
            raise Retry(
                f"The name {host!r:.100} has no address.", code="name_not_resolved"
            ) from unknown
        if not found:
            raise Retry(f"The name {host!r:.100} has no address.", code="name_not_resolved")
        if not named and not all(self._may_reach(address, port) for address in found):
            raise refused(host, port)
        return [str(address) for address in found[:_MAX_DIALLED]]

    def _may_be_open(self, port: int) -> bool:
        return port in PUBLIC_PORTS or any(entry.has_port(port) for entry in self.allowed)

    def _may_reach(self, address: Address, port: int) -> bool:
        plain = unwrapped(address)
        if any(entry.covers(plain) and entry.has_port(port) for entry in self.allowed):
            return True
        return port in PUBLIC_PORTS and is_public(plain)


def refused(host: str, port: int) -> Final:
    """The failure of a connection that may not be made; it does not say why, nor what is there."""
    return Final(
        "egress_refused",
        f"Connections to {host[:100]} at port {port} are not allowed from here. If it is meant, "
        "whoever runs this installation can add it to ACTIONSITE_EGRESS_ALLOW.",
    )


@lru_cache(maxsize=4_096)
def is_public(address: Address) -> bool:
    """Whether an address is public unicast, one that anybody on the Internet could reach."""
    if address.version == 4:
        return address.is_global and not any(address in network for network in _REFUSED_V4)
    is_routed = address in _PUBLIC_V6 and address.is_global and not address.is_multicast
    return is_routed and not any(address in network for network in _REFUSED_V6)


def unwrapped(address: Address) -> Address:
    """The IPv4 address that an IPv6 address carries to its end, mapped or by NAT64, or itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def normal(host: str) -> str:
    """A host's name as it is compared and looked up; raises Final for what is none."""
    name = host.strip("[]").lower().removesuffix(".")
    try:
        name = name if ":" in name else name.encode("idna").decode("ascii")
    except UnicodeError:
        name = ""
    if not name or len(name) > MAX_HOST or not (":" in name or _HOST.fullmatch(name)):
        raise Final("url_invalid", f"{host[:100]!r} is not the name of a host.")
    return name


def _address(text: str) -> Address:
    # A zone ("fe80::1%eth0") would choose the interface; such addresses are refused anyway.
    return ipaddress.ip_address(text.partition("%")[0])


def _entry(text: str) -> Entry:
    found = _ENTRY.fullmatch(text)
    if found is None:
        raise EntryInvalid(f"{text[:80]!r} is no host or network; write host:port or network:port.")
    host = found["host"].strip("[]").lower()
    port = _port(found["port"], text)
    if "/" in host or ":" in host or host.replace(".", "").isdigit():
        try:
            return Entry(network=ipaddress.ip_network(host), port=port)
        except ValueError as wrong:
            raise EntryInvalid(f"{text[:80]!r} is no network: {wrong}.") from None
    if not _HOST.fullmatch(host):
        raise EntryInvalid(f"{text[:80]!r} is no host; write its name in ASCII, without blanks.")
    return Entry(host=host.removesuffix("."), port=port)


def _port(digits: str | None, text: str) -> int | None:
    if digits is None:
        return None
    if not 1 <= int(digits) <= _HIGHEST_PORT:
        raise EntryInvalid(f"{text[:80]!r} has the port {digits[:20]}; use 1 to {_HIGHEST_PORT}.")
    return int(digits)
