"""Workflows over REST, under /api/v1 beside the addresses of `actions.api`.

Floor 5, a door: the same order of judgement, the same problems, the same table of permissions.
"""
