"""Sets up the tests' own installation before Django reads its settings; tests/fixtures has more."""

from tests.fixtures import installation

installation.begin()

pytest_plugins = [
    "tests.fixtures.waiting",
    "tests.fixtures.database",
    "tests.fixtures.clusters",
    "tests.fixtures.running",
    "tests.fixtures.engine",
    "tests.fixtures.sites",
    "tests.fixtures.pages",
    "tests.fixtures.outside",
]
