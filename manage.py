#!/usr/bin/env python
"""The site's shell door: `manage.py <command>`."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured


def main() -> None:
    """Complete the environment, then run the command; a refusal is one sentence and exit 1."""
    # Apps of users lie where the command is called, or on PYTHONPATH.
    sys.path.append(os.getcwd())  # noqa: PTH109 - a text for a list of texts
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "actionsite.settings")
    from django.conf import settings  # noqa: PLC0415 - the environment comes first
    from django.core.management import execute_from_command_line  # noqa: PLC0415

    from actionsite import local  # noqa: PLC0415
    from actionsite.embedded import PostgresFailed  # noqa: PLC0415

    try:
        local.prepare(os.environ, sys.argv[1:])
        # Django would hide a refused setting behind "Unknown command".
        _ = settings.INSTALLED_APPS
    except (ImproperlyConfigured, PostgresFailed) as refusal:
        sys.exit(f"manage.py: {refusal}")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
