"""Executing an action over HTTP: once, and answered from the record after that."""


def test_a_new_request_is_executed_once(api, engine):
    accepted = api.execute("probe-mark", params={"name": "one"})
    engine.drain()

    ended = api.get(f"/executions/{accepted.json()['id']}")

    assert accepted.status_code == 202
    assert accepted.headers["Location"] == accepted.json()["links"]["self"]
    assert accepted.headers["Retry-After"] == "1"
    assert ended.json()["status"] == "succeeded"
    assert ended.json()["result"] == {"name": "one"}
