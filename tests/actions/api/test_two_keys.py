"""A header that came twice, which only a real server can tell from a key with a comma."""

import http.client
import json
from urllib.parse import urlsplit

from actions import access, definitions
from actions.actors import SYSTEM
from actions.models import Execution


def test_two_different_keys_in_two_headers_are_refused(web_server):
    definitions.sync()
    _, secret = access.create_key(name="t", scopes=["actions:execute"], by=SYSTEM)
    address = urlsplit(web_server().url)
    call = http.client.HTTPConnection(address.hostname, address.port, timeout=20)

    call.putrequest("POST", "/api/v1/actions/probe-mark/executions")
    body = json.dumps({"params": {"name": "x"}}).encode()
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
    for name, value in {**headers, "Content-Length": str(len(body))}.items():
        call.putheader(name, value)
    for key in ("a1", "a2"):
        call.putheader("Idempotency-Key", key)
    call.endheaders(body)
    response = call.getresponse()
    problem = json.loads(response.read())
    call.close()

    assert (response.status, problem["code"]) == (400, "idempotency-key-ambiguous")
    assert not Execution.objects.exists()
