"""The JavaScript of the client is plain: Node takes every file, and no line is longer than ours."""

import subprocess

import pytest

from tests.fixtures.node import NODE
from tests.house import source

LINE_LENGTH = 100
SCRIPTS = [
    *source.files(".js", under=("sdk",)),
    *source.files(".mjs", under=("tests",)),
]


@pytest.mark.parametrize("path", SCRIPTS, ids=source.place)
def test_a_script_is_understood_by_node(path):
    checked = subprocess.run(
        [NODE, "--check", str(path)], capture_output=True, text=True, check=False
    )

    assert checked.returncode == 0, checked.stderr


def test_scripts_and_types_have_no_long_lines_and_no_tabs():
    found = [
        source.place(path, number)
        for path in [*SCRIPTS, *source.files(".ts", under=("sdk",))]
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if len(line) > LINE_LENGTH or "\t" in line or line != line.rstrip()
    ]

    assert not found, source.listed(found)
