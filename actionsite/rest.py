"""What the REST framework and the OpenAPI document are told. Floor: the site, pure."""

# What a view of another app would get: nobody passes without a row in the table of permissions.
FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "actions.api.authentication.BearerKey",
        "actions.api.authentication.BrowserSession",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["actions.api.permissions.Granted"],
    "DEFAULT_THROTTLE_CLASSES": ["actions.api.throttling.PerCaller"],
    "DEFAULT_PARSER_CLASSES": ["actions.api.intake.StrictJson"],
    "DEFAULT_RENDERER_CLASSES": ["actions.api.rendering.CompactJson"],
    "EXCEPTION_HANDLER": "actionsite.problems.exception_handler",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
}
DOCUMENT = {
    "TITLE": "Actionsite",
    "DESCRIPTION": "Execute actions, read their record, run them again.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v[0-9]+",
    "POSTPROCESSING_HOOKS": [
        "actions.api.openapi.hooks.add_shapes",
        "workflows.api.shapes.add_shapes",
        "workflows.api.runs.shapes.add_shapes",
        "workflows.api.bulk.shapes.add_shapes",
        "actions.api.openapi.hooks.add_actions",
    ],
}
