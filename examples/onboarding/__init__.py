"""Onboarding a new user, as atomic actions: the story of the demo, and an app to copy.

`actions.py` holds the actions, `models.py` the rows they write, `letters.py`, `smtp.py` and
`sandboxes.py` what they send and to whom; `workflows/` composes them. `demo/` and the commands are
only the stage: a mail server to switch off and on, a small service that makes sandboxes, and the
runs of a first start.

It is used by naming it: put `examples/` on PYTHONPATH and `onboarding` in ACTIONSITE_APPS.
"""
