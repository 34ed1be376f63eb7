"""A Django app with the actions that the suite executes; it needs no tables."""
