"""The examples of the clients' READMEs, word by word, on what `make run` starts, and twice."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from do_sdk import Do
from tests.fixtures import installation
from tests.fixtures.demo import API_KEY, demo_of, free_demo_ports
from tests.fixtures.node import NODE
from tests.fixtures.running import starting
from tests.fixtures.waiting import wait_until
from tests.sdk.packages import installed_in

SDK = installation.ROOT / "sdk"
Run = Callable[..., str]
# What the examples tell, whatever else they print.
TOLD = (
    "usr_",
    "422 params-invalid",
    "messageId",
    "user_not_found",
    "approve: succeeded",
    "report: execute",
    "The message is not of the last 300 s",
)


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Iterator[Run]:
    """Run a program beside the packages, with the address and the key that the demo shows."""
    place = installed_in(tmp_path_factory.mktemp("packages"))
    with (
        starting(tmp_path_factory.mktemp("demo")) as start,
        demo_of(start, ports=free_demo_ports()) as demo,
    ):
        key = API_KEY.search(demo.text())[1]
        with Do(key, base_url=demo.url) as do:
            # The last of the demo's story.
            told = {"status": "cancelled", "workflow": "process-new-user"}
            wait_until(lambda: do.runs.list(told).entries, timeout=90, what="the demo's story")
        env = {"PYTHONPATH": str(place / "site"), "DO_API_URL": demo.url, "DO_API_KEY": key}

        def run(program: str, text: str, *command: str) -> str:
            (place / program).write_text(text)
            command = (*command, str(place / program))
            ended = subprocess.run(
                command,
                cwd=place,
                env=env | {"MYPYPATH": env["PYTHONPATH"]},
                capture_output=True,
                text=True,
                timeout=100,
                check=False,
            )
            assert ended.returncode == 0, ended.stdout + ended.stderr
            return ended.stdout

        yield run


def blocks(language: str, mark: str) -> list[str]:
    """The examples of a README in that language."""
    text = (SDK / language / "README.md").read_text()
    return re.findall(rf"^```{mark}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def as_python(run: Run) -> str:
    """All of them as one program, as each goes on from the first."""
    return run("readme.py", "\n".join(blocks("python", "python")), sys.executable)


def as_javascript(run: Run) -> str:
    """Each as a module of its own."""
    return "".join(
        run(f"readme-{number}.mjs", block, NODE) for number, block in enumerate(blocks("js", "js"))
    )


@pytest.mark.timeout(300)
@pytest.mark.parametrize("examples", [as_python, as_javascript])
def test_the_examples_run_on_the_demo_and_again(run, examples):
    said, again = (examples(run) for _ in range(2))

    for told in (said, again):
        assert [each for each in TOLD if each not in told] == []
        assert "email_taken" not in told
    assert said.splitlines()[0] == again.splitlines()[0]


@pytest.mark.long
def test_the_examples_of_the_python_readme_have_the_types_they_say(run):
    text = "\n".join(blocks("python", "python"))

    checked = run(
        *("typed.py", text, sys.executable),
        *("-m", "mypy", "--strict", "--config-file", os.devnull),
    )

    assert "Success: no issues found in 1 source file" in checked
