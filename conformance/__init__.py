"""Checks of any service against the contract of the API, from outside. README.md says how."""
