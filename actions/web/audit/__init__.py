"""The page of the audit log.

Floor 5, a door.
"""
