"""The engine beside its peers, on one throw-away PostgreSQL: `python benchmarks/engine.py`.

Prints one JSON line for each figure on stdout. `--quick` is for trying the benchmark itself; a
figure worth quoting comes from the full run on a machine that does nothing else.
"""

import argparse
import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.figures import emit, progress  # noqa: E402 - the path comes first
from benchmarks.postgres import Server, throwaway_server  # noqa: E402

Figures = dict[str, float]

# (module, no-ops in a drain): slower systems get fewer, so that each drain takes seconds.
CONTENDERS = {
    "ours": ("benchmarks.ours", 10_000),
    "django_q2": ("benchmarks.peers.django_q2", 2_000),
    "dbos": ("benchmarks.peers.dbos_queue", 5_000),
}
QUICK_SHARE = 10


def main() -> int:
    """Measure everyone in turn; return 1 if somebody could not be measured."""
    asked = _arguments()
    figures: Figures = {}
    failed = []
    with throwaway_server() as server:
        progress(f"PostgreSQL {server.settings}")
        for name in asked.only:
            measured = _measure(name, server=server, is_quick=asked.quick)
            figures.update(measured)
            failed += [] if measured else [name]
    _compare(figures)
    if failed:
        progress(f"Not measured: {', '.join(failed)}; their own words are above.")
    return 1 if failed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the work, one round")
    parser.add_argument("--only", nargs="+", choices=CONTENDERS, default=list(CONTENDERS))
    return parser.parse_args()


def _measure(name: str, *, server: Server, is_quick: bool) -> Figures:
    module, count = CONTENDERS[name]
    if name == "dbos" and find_spec("dbos") is None:
        progress("DBOS is not installed; `make bench` installs it.")
        return {}
    size = [str(count // QUICK_SHARE), "1", "50"] if is_quick else [str(count), "3", "500"]
    flags = [
        word
        for pair in zip(("--count", "--rounds", "--samples"), size, strict=True)
        for word in pair
    ]
    command = [sys.executable, "-m", module, "--database-url", server.create_database(name), *flags]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    sys.stdout.write(done.stdout)
    sys.stdout.flush()
    if done.returncode != 0:
        return {}
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return {line["name"]: line["value"] for line in lines}


def _compare(figures: Figures) -> None:
    """Print ours over theirs: above 1 we take and drain more, below 1 we answer sooner."""
    for effect in ("none", "transactional"):
        for peer in ("django_q2", "dbos"):
            for what in ("submit", "drain", "latency_p50"):
                ours, theirs = f"ours.{effect}.{what}", f"{peer}.{what}"
                if ours in figures and theirs in figures:
                    ratio = figures[ours] / figures[theirs]
                    emit(f"ratio.{effect}.{what}.to_{peer}", ratio, unit="times", n=1)


if __name__ == "__main__":
    sys.exit(main())
