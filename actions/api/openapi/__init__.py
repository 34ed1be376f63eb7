"""The API described for programs: OpenAPI 3.1 at /api/schema/. Floor 5.

`operations` describes each call, `security` the ways in, `hooks` adds the shapes and, for a caller
who is known, the actions of this installation.
"""
