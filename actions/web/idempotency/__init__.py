"""The pages of idempotency keys: the list, one of them, and its release.

Floor 5, a door.
"""
