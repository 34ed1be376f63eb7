"""The call that the product is introduced with, in Node and in Python, while the mail is down."""

import json
import re
import subprocess
import sys

import pytest

from do_sdk import Do
from tests.fixtures import installation
from tests.fixtures.node import NODE
from tests.fixtures.running import Running
from tests.fixtures.waiting import wait_until

API_KEY = re.compile(r"API key\s+(\S+)")
SDK = installation.ROOT / "sdk"
IN_NODE = """
import { Do } from "@do-sdk/core";

const a = new Do(process.env.DO_API_KEY);

const created = await a.action.execute({
  name: "create-user-record",
  params: { email: "node@example.com", name: "Nora Node" },
});
const { result, error } = await a.action.execute({
  name: "send-welcome-email",
  params: { userId: created.result.id, template: "new-user-welcome-v2" },
});
console.log(JSON.stringify({ created: created.result, result, error }));
"""
IN_PYTHON = """
import json, os
from do_sdk import Do

a = Do(os.environ["DO_API_KEY"])

created = a.action.execute(
    name="create-user-record",
    params={"email": "python@example.com", "name": "Pia Python"},
)
out = a.action.execute(
    name="send-welcome-email",
    params={"userId": created.result["id"], "template": "new-user-welcome-v2"},
)
error = out.error and {"code": out.error.code, "message": out.error.message}
print(json.dumps({"created": created.result, "result": out.result, "error": error}))
"""


@pytest.fixture
def run(demo, tmp_path):
    """Run a program with the demo's address and API key in its environment, and nothing else."""
    core = tmp_path / "node_modules" / "@do-sdk" / "core"
    core.parent.mkdir(parents=True)
    core.symlink_to(SDK / "js")
    environment = {
        "DO_API_URL": demo.url,
        "DO_API_KEY": API_KEY.search(demo.text())[1],
        "PYTHONPATH": str(SDK / "python"),
    }

    def run(program: str, name: str, *, by: str) -> dict:
        file = tmp_path / name
        file.write_text(program)
        ended = subprocess.run(
            [by, str(file)],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
        assert (ended.returncode, ended.stderr) == (0, "")
        return json.loads(ended.stdout)

    return run


@pytest.mark.timeout(300)
def test_with_the_mail_server_down_the_error_says_so_and_nothing_is_thrown(
    demo, demo_ports, run, run_manage
):
    wait_until(lambda: is_told(demo), timeout=90, what="the demo's own story")
    run_manage("demo_mail", "stop", env=demo_ports)

    outcomes = [
        run(IN_NODE, "snippet.mjs", by=NODE),
        run(IN_PYTHON, "snippet.py", by=sys.executable),
    ]

    for outcome in outcomes:
        assert outcome["created"]["id"].startswith("usr_")
        assert outcome["result"] is None
        assert "SMTP connection" in outcome["error"]["message"]


def is_told(demo: Running) -> bool:
    """Whether the demo has come to the end of its story, which leaves the mail server up."""
    with Do(API_KEY.search(demo.text())[1], base_url=demo.url) as client:
        ends = {"action": "provision-sandbox", "status": "succeeded"}
        return bool(client.executions.list(ends).entries)
