"""The page behind each problem's `type`, and the list of endpoints."""

import pytest

from actionsite.problems.catalogue import KINDS


@pytest.mark.parametrize("code", sorted(KINDS))
def test_each_problem_has_its_page(client, code):
    response = client.get(f"/api/problems/{code}")

    assert response.status_code == 200
    assert response.text.startswith(f"# {code}\n")
    assert response.headers["Content-Type"].startswith("text/plain")


def test_an_unknown_code_has_none(client):
    assert client.get("/api/problems/no-such-code").json()["code"] == "not-found"


def test_the_docs_list_endpoints_and_problems(client, db):
    page = client.get("/api/docs/").text

    assert "/api/v1/actions/{name}/executions" in page
    assert 'href="/api/problems/params-invalid"' in page
