"""Where a browser is, as far as tries to sign in are concerned. Floor: the site.

It is the address that the server gives: that of the connection, or what a proxy says that uvicorn's
FORWARDED_ALLOW_IPS names. No header is read here.
"""

from ipaddress import IPv6Address, IPv6Network, ip_address

from django.http import HttpRequest

# The smallest network that one subscriber gets: who has one has all of its addresses.
_SUBSCRIBER_BITS = 64


def address_of(request: HttpRequest) -> str | None:
    """The address, of IPv6 its network of 64 bits; None for what is no address, as a socket's name."""
    try:
        address = ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return None
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(IPv6Network((int(address), _SUBSCRIBER_BITS), strict=False).network_address)
