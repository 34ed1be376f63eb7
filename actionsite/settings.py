"""Every setting of an installation, read from the environment. Floor: the site.

Production is the default posture: what is missing or unsafe stops the start with advice.
Importing this module starts nothing and writes nothing. docs/settings.md lists every variable.
"""

import os
import sys
import warnings
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from actionsite import posture, rest
from actionsite.database_urls import database
from actionsite.env import Environment
from actionsite.login import rules

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment(os.environ)

# --- What this installation is ---
ACTIONSITE_ENVIRONMENT = env.choice(
    "ACTIONSITE_ENVIRONMENT",
    options=("production", "staging", "development"),
    default="production",
)
ACTIONSITE_ROLE = env.choice(
    "ACTIONSITE_ROLE", options=("web", "worker", "command"), default="command"
)
ACTIONSITE_DEMO = env.boolean("ACTIONSITE_DEMO", default=False)
ACTIONSITE_DATA_DIR = env.path("ACTIONSITE_DATA_DIR", default=BASE_DIR / "var")
ACTIONSITE_APPS = env.names("ACTIONSITE_APPS")
if ACTIONSITE_DEMO:
    # The demo's app lies outside of our packages, as a user's does.
    sys.path.append(str(BASE_DIR / "examples"))

# --- Secrets; `manage.py up` makes them once and keeps them in <data dir>/keys.env ---
ACTIONSITE_SECRET_KEY = SECRET_KEY = env.secret("ACTIONSITE_SECRET_KEY")
ACTIONSITE_FINGERPRINT_KEY = env.secret("ACTIONSITE_FINGERPRINT_KEY")
ACTIONSITE_FINGERPRINT_KEY_FALLBACKS = env.names("ACTIONSITE_FINGERPRINT_KEY_FALLBACKS")
# What is sealed in the database; the fallbacks still open what was sealed before a change.
ACTIONSITE_VAULT_KEY = env.secret("ACTIONSITE_VAULT_KEY")
ACTIONSITE_VAULT_KEY_FALLBACKS = env.names("ACTIONSITE_VAULT_KEY_FALLBACKS")
posture.refuse_equal_secrets(
    ACTIONSITE_SECRET_KEY=ACTIONSITE_SECRET_KEY,
    ACTIONSITE_FINGERPRINT_KEY=ACTIONSITE_FINGERPRINT_KEY,
    ACTIONSITE_VAULT_KEY=ACTIONSITE_VAULT_KEY,
)

# --- Who may call, and how ---
ACTIONSITE_ALLOW_HTTP = env.boolean("ACTIONSITE_ALLOW_HTTP", default=False)
ACTIONSITE_BASE_URL = env.url("ACTIONSITE_BASE_URL")
posture.refuse_plain_http(ACTIONSITE_BASE_URL, is_allowed=ACTIONSITE_ALLOW_HTTP)
ALLOWED_HOSTS = env.names(
    "ACTIONSITE_ALLOWED_HOSTS", default=urlsplit(ACTIONSITE_BASE_URL).hostname or ""
)
posture.refuse_any_host(ALLOWED_HOSTS)
ACTIONSITE_ALLOWED_HOSTS = ALLOWED_HOSTS
IS_HTTPS = ACTIONSITE_BASE_URL.startswith("https:")
CSRF_TRUSTED_ORIGINS = [ACTIONSITE_BASE_URL]

# --- Faults on purpose, for tests ---
ENGINE_FAULT = env.text("ENGINE_FAULT", default="")
ENGINE_FAULT_MARK = env.text("ENGINE_FAULT_MARK", default="")
ACTIONSITE_ALLOW_FAULTS = env.boolean("ACTIONSITE_ALLOW_FAULTS", default=False)
posture.refuse_faults(ENGINE_FAULT, is_allowed=ACTIONSITE_ALLOW_FAULTS)

# --- The database: PostgreSQL only ---
DATABASE_URL = env.text("DATABASE_URL")
# LISTEN needs a connection of its own, so workers bypass a transaction pooler by this one.
DATABASE_DIRECT_URL = env.text("DATABASE_DIRECT_URL", default=DATABASE_URL)
ACTIONSITE_DATABASE_POOL_SIZE = env.integer(
    "ACTIONSITE_DATABASE_POOL_SIZE", default=20, low=1, high=500
)
ACTIONSITE_STATEMENT_TIMEOUT_SECONDS = env.seconds(
    "ACTIONSITE_STATEMENT_TIMEOUT_SECONDS", default=30, low=0, high=3600
)
if ACTIONSITE_ROLE == "worker":
    DATABASES = {"default": database("DATABASE_DIRECT_URL", DATABASE_DIRECT_URL)}
    DATABASES["default"]["CONN_MAX_AGE"] = None
    DATABASES["default"]["OPTIONS"] = posture.worker_connections(DATABASES["default"]["OPTIONS"])
else:
    database("DATABASE_DIRECT_URL", DATABASE_DIRECT_URL)
    DATABASES = {"default": database("DATABASE_URL", DATABASE_URL)}
if ACTIONSITE_ROLE == "web":
    # Under ASGI every request has a thread of its own: connections are kept by the pool, and
    # never by the thread, or each idle thread would hold one.
    DATABASES["default"]["CONN_MAX_AGE"] = 0
    DATABASES["default"]["OPTIONS"] |= posture.web_connections(
        pool_size=ACTIONSITE_DATABASE_POOL_SIZE,
        statement_timeout_seconds=ACTIONSITE_STATEMENT_TIMEOUT_SECONDS,
    )
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- The engine ---
ACTIONSITE_WORKERS = env.integer("ACTIONSITE_WORKERS", default=2, low=1, high=256)
ACTIONSITE_QUEUES = env.names("ACTIONSITE_QUEUES")
ACTIONSITE_CONCURRENCY = env.integer("ACTIONSITE_CONCURRENCY", default=100, low=1, high=10_000)
ACTIONSITE_LEASE_SECONDS = env.seconds("ACTIONSITE_LEASE_SECONDS", default=30, low=1, high=3600)
ACTIONSITE_STOP_GRACE_SECONDS = env.seconds(
    "ACTIONSITE_STOP_GRACE_SECONDS", default=20, low=0, high=3600
)
ACTIONSITE_DEFAULT_TIMEOUT_SECONDS = env.seconds(
    "ACTIONSITE_DEFAULT_TIMEOUT_SECONDS", default=3600, low=1, high=86_400
)
ACTIONSITE_TIMEOUT_GRACE_SECONDS = env.seconds(
    "ACTIONSITE_TIMEOUT_GRACE_SECONDS", default=5, low=0.5, high=3600
)
ACTIONSITE_CANCEL_GRACE_SECONDS = env.seconds(
    "ACTIONSITE_CANCEL_GRACE_SECONDS", default=10, low=0, high=3600
)
ACTIONSITE_LOCK_TIMEOUT_SECONDS = env.seconds(
    "ACTIONSITE_LOCK_TIMEOUT_SECONDS", default=10, low=0.1, high=3600
)
ACTIONSITE_WORKER_MEMORY_MB = env.integer(
    "ACTIONSITE_WORKER_MEMORY_MB", default=1024, low=64, high=1_048_576
)
ACTIONSITE_KEY_RETENTION_DAYS = env.integer(
    "ACTIONSITE_KEY_RETENTION_DAYS", default=30, low=1, high=36_500
)
ACTIONSITE_BULK_MAX = env.integer("ACTIONSITE_BULK_MAX", default=10_000, low=1, high=100_000)
ACTIONSITE_ROLLUP_DAYS = env.integer("ACTIONSITE_ROLLUP_DAYS", default=7, low=1, high=3650)
ACTIONSITE_POLL_SECONDS = env.seconds("ACTIONSITE_POLL_SECONDS", default=5, low=0.05, high=300)
# django-q2 only supervises: `retry`, `timeout`, results and its scheduler play no part, and its
# warning about their relation with them.
warnings.filterwarnings("ignore", message="Retry and timeout are misconfigured")
Q_CLUSTER = {
    "name": "actionsite",
    "label": "Workers",
    "workers": ACTIONSITE_WORKERS,
    "broker_class": "workflows.broker.DrainBroker",
    "queue_limit": ACTIONSITE_WORKERS,
    "timeout": None,
    "scheduler": False,
    "save_limit": -1,
    "catch_up": False,
    "log_level": "WARNING",
}

# --- What declarative actions may reach ---
ACTIONSITE_EGRESS_ALLOW = posture.allowed_outside(env.names("ACTIONSITE_EGRESS_ALLOW"))
ACTIONSITE_MAIL_FROM = env.text("ACTIONSITE_MAIL_FROM", default="")
ACTIONSITE_MAIL_SERVER = posture.mail_server(
    env.text("ACTIONSITE_SMTP_URL", default=""), sender=ACTIONSITE_MAIL_FROM
)

# --- Limits of the API ---
ACTIONSITE_MAX_BODY_BYTES = env.integer(
    "ACTIONSITE_MAX_BODY_BYTES", default=1_048_576, low=1024, high=104_857_600
)
ACTIONSITE_MAX_RESULT_BYTES = env.integer(
    "ACTIONSITE_MAX_RESULT_BYTES", default=1_048_576, low=1024, high=104_857_600
)
ACTIONSITE_WAIT_MAX_SECONDS = env.seconds(
    "ACTIONSITE_WAIT_MAX_SECONDS", default=30, low=0, high=300
)
ACTIONSITE_STREAMS_MAX = env.integer("ACTIONSITE_STREAMS_MAX", default=200, low=0, high=100_000)
ACTIONSITE_WAITERS_MAX = env.integer("ACTIONSITE_WAITERS_MAX", default=500, low=0, high=100_000)
# Requests a minute of one API key or person, counted by each web process; 0 is no limit.
ACTIONSITE_RATE_LIMIT = env.integer(
    "ACTIONSITE_RATE_LIMIT", default=60_000, low=0, high=100_000_000
)
DATA_UPLOAD_MAX_MEMORY_SIZE = ACTIONSITE_MAX_BODY_BYTES

# --- The demo's own services ---
ACTIONSITE_DEMO_SMTP_PORT = env.port("ACTIONSITE_DEMO_SMTP_PORT", default=8025)
ACTIONSITE_DEMO_HTTP_PORT = env.port("ACTIONSITE_DEMO_HTTP_PORT", default=8026)

# --- Django ---
DEBUG = False
# Whose migrations are checked for being in one line: not those of users.
FIRST_PARTY_APPS = ["actions", "workflows"]
INSTALLED_APPS = [
    "actionsite",
    # Before django_q: its `qcluster` command is replaced by ours.
    "workflows",
    "actions",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "django_q",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    *posture.development_apps(),
    *posture.users_apps(ACTIONSITE_APPS, has_demo=ACTIONSITE_DEMO),
]
# Each is async-capable (a test asserts it): a sync one would pin a thread for each waiting call.
MIDDLEWARE = [
    "actionsite.request_ids.request_ids",
    "actionsite.csp.browser_policy",
    "actionsite.problems.problem_net",
    "actionsite.health.health",
    "django.middleware.security.SecurityMiddleware",
    "actionsite.texts.storable_texts",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "actionsite.urls"
ASGI_APPLICATION = "actionsite.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "actions.web.context.shell",
            ],
        },
    },
]
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False

# --- Login ---
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "login"
AUTHENTICATION_BACKENDS = rules.AUTHENTICATION_BACKENDS
PASSWORD_HASHERS = rules.PASSWORD_HASHERS
AUTH_PASSWORD_VALIDATORS = rules.PASSWORD_VALIDATORS
# After so many failures of one user name from one address no password is looked at for a while.
ACTIONSITE_LOGIN_FAILURES_MAX = env.integer(
    "ACTIONSITE_LOGIN_FAILURES_MAX", default=10, low=1, high=1000
)
ACTIONSITE_LOGIN_COOLOFF_SECONDS = env.seconds(
    "ACTIONSITE_LOGIN_COOLOFF_SECONDS", default=900, low=1, high=86_400
)
AXES_FAILURE_LIMIT = ACTIONSITE_LOGIN_FAILURES_MAX
AXES_COOLOFF_TIME = timedelta(seconds=ACTIONSITE_LOGIN_COOLOFF_SECONDS)
AXES_LOCKOUT_PARAMETERS = rules.COUNTED_BY
AXES_CLIENT_IP_CALLABLE = "actionsite.login.address.address_of"
AXES_RESET_ON_SUCCESS = True
# Tries within the cool-off do not make it longer, so that the page can say when it ends.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_DISABLE_ACCESS_LOG = True  # it would keep a hash of each session's key
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"

# --- What browsers are told ---
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if IS_HTTPS else 0
# Whether the other names below this one speak https is for the domain's owner to say. The login page
# answers for axes itself, so no other request need pass through a middleware for it.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021", "axes.W002"]
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_CSP = posture.CONTENT_POLICY
CSRF_FAILURE_VIEW = "actionsite.problems.handlers.csrf_refused"

# --- Static files: collected under the data directory, named by their hash ---
STATIC_URL = "/static/"
STATIC_ROOT = ACTIONSITE_DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# --- REST ---
REST_FRAMEWORK = rest.FRAMEWORK
SPECTACULAR_SETTINGS = rest.DOCUMENT

LOGGING = posture.logging_of()
