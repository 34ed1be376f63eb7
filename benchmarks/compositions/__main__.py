"""Both on one throw-away PostgreSQL, and ours over theirs: below 1 we are sooner."""

import argparse
import json
import subprocess
import sys
from pathlib import Path

from benchmarks.figures import emit, progress
from benchmarks.postgres import Server, throwaway_server

ROOT = Path(__file__).resolve().parent.parent.parent


def main() -> int:
    """Measure both; return 1 if one could not be measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the work")
    asked = parser.parse_args()
    with throwaway_server() as server:
        progress(f"PostgreSQL {server.settings}")
        ours = _measure("ours", server=server, is_quick=asked.quick)
        theirs = _measure("dbos", server=server, is_quick=asked.quick)
    for name, value in ours.items():
        peer = name.replace("ours.", "dbos.")
        if peer in theirs:
            emit(f"ratio.{name}.to_dbos", value / theirs[peer], unit="times", n=1)
    return 0 if ours and theirs else 1


def _measure(name: str, *, server: Server, is_quick: bool) -> dict[str, float]:
    command = [sys.executable, "-m", f"benchmarks.compositions.{name}"]
    command += ["--database-url", server.create_database(name), *(["--quick"] * is_quick)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    sys.stdout.write(done.stdout)
    sys.stdout.flush()
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return {line["name"]: line["value"] for line in lines} if done.returncode == 0 else {}


if __name__ == "__main__":
    sys.exit(main())
