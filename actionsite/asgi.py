"""What an ASGI server runs: `actionsite.asgi:application`. Floor: the site.

Static files first, then the limit of bodies, then Django. Settings that are refused end the
server with one sentence.
"""

import os
import sys
from typing import Any

from django.core.asgi import get_asgi_application
from django.core.exceptions import ImproperlyConfigured

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "actionsite.settings")
os.environ.setdefault("ACTIONSITE_ROLE", "web")


def make_application() -> Any:
    """The application, ready to answer; exits with a sentence if the settings are refused."""
    try:
        django_application = get_asgi_application()
    except ImproperlyConfigured as refusal:
        sys.exit(f"actionsite: {refusal}")
    from django.conf import settings  # noqa: PLC0415 - they are known to be good only now
    from django.urls import get_resolver  # noqa: PLC0415

    from actionsite.body_limit import BodyLimit  # noqa: PLC0415
    from actionsite.lifespan import Lifespan  # noqa: PLC0415
    from actionsite.static_files import StaticFiles  # noqa: PLC0415

    # Else the first caller would wait until every view is imported.
    _ = get_resolver().url_patterns
    bounded = BodyLimit(django_application, limit=settings.ACTIONSITE_MAX_BODY_BYTES)
    served = StaticFiles(bounded, root=settings.STATIC_ROOT, prefix=settings.STATIC_URL)
    return Lifespan(served)


application = make_application()
