"""Text that the database cannot hold, in addresses."""

from django.urls import URLPattern, URLResolver, get_resolver

NUL = "%00"


def pages(patterns, prefix: str = ""):
    """The addresses of all pages, with `a` and U+0000 for whatever they name by a text."""
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from pages(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern) and not path.startswith("api/"):
            yield "/" + "/".join(
                ("1" if "<int:" in part else f"a{NUL}") if "<" in part else part
                for part in path.strip("^$").split("/")
            )


PAGES = sorted(set(pages(get_resolver().url_patterns)))


def test_no_page_has_such_an_address(signed_in):
    client = signed_in("admin")

    for path in PAGES:
        if NUL in path:
            assert {client.get(path).status_code, client.post(path).status_code} == {404}, path


def test_nothing_is_asked_of_a_page_with_it(signed_in):
    client = signed_in("admin")

    for path in PAGES:
        for query in (f"q={NUL}", f"params.a={NUL}", f"{NUL}=a", f"from=a{NUL}"):
            expected = 404 if NUL in path else 400
            assert client.get(f"{path}?{query}").status_code == expected, path
