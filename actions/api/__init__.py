"""The REST API under /api/v1: JSON in and out, problem documents for what is refused.

Floor 5, a door: it reads a request, asks who sent it and whether they may, calls one verb or one
named queryset method, and renders the stored row.
"""
