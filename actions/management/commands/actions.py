"""`manage.py actions import|export`: declarative actions as YAML, for review and for Git. Floor 5."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from actions import declarative, definitions
from actions.canonical import told
from actions.definitions import Defined
from actions.errors import Refusal
from actions.jsontypes import JSONObject
from actions.management.operator import operator
from actions.models import Action


class Command(BaseCommand):
    """Define actions by YAML files, or write them as one; names, each with its document."""

    help = "Import declarative actions from YAML, or export them as YAML."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        does = parser.add_subparsers(dest="does", required=True)
        importing = does.add_parser(
            "import", help="define the actions, all or none; unchanged ones stay"
        )
        importing.add_argument("files", nargs="+", type=Path)
        exporting = does.add_parser("export", help="write actions to standard output")
        exporting.add_argument("names", nargs="*", help="all if left out")

    def handle(self, *args: Any, **options: Any) -> str | None:
        """Import or export."""
        if options["does"] == "export":
            return _exported(options["names"]).removesuffix("\n")
        self._import(options["files"])
        return None

    def _import(self, files: list[Path]) -> None:
        """All of them or, if one is refused, none."""
        documents: dict[str, JSONObject] = {}
        places: dict[str, Path] = {}
        for file in files:
            for name, document in _read(file).items():
                if name in places:
                    raise CommandError(f"{places[name]} and {file} both define {name}; keep one.")
                documents[name], places[name] = document, file
        outcomes = definitions.define_all(documents, by=operator())
        refused = [
            _told(f"{places[name]}, {name}", one)
            for name, one in outcomes.items()
            if isinstance(one, Refusal)
        ]
        if refused:
            raise CommandError("\n".join([*refused, "Nothing was imported."]))
        for name, one in outcomes.items():
            if isinstance(one, Defined):
                self._tell(name, one)

    def _tell(self, name: str, defined: Defined) -> None:
        number = defined.action.current.number if defined.action.current else 0
        what = "added" if defined.is_new else "changed" if defined.is_changed else "unchanged"
        self.stdout.write(f"{what} {name}, version {number}")


def _read(file: Path) -> Mapping[str, JSONObject]:
    try:
        return declarative.load(file.read_text())
    except (OSError, UnicodeDecodeError) as unreadable:
        raise CommandError(f"{file} cannot be read: {unreadable}.") from unreadable
    except Refusal as refused:
        raise CommandError(_told(str(file), refused)) from refused


def _exported(names: list[str]) -> str:
    found = {
        action.name: action.current.definition
        for action in Action.objects.catalogue().declared()
        if action.current and action.current.definition
    }
    missing = sorted(set(names) - found.keys())
    if missing:
        raise CommandError(f"There is no declarative action {', '.join(missing)}.")
    return declarative.dump({name: found[name] for name in names or sorted(found)})


def _told(where: str, refused: Refusal) -> str:
    return "\n".join([f"{where}: {refused.detail}", *(f"  {told(one)}" for one in refused.errors)])
