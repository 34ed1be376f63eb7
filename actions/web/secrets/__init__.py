"""The pages of secrets: the list, one of them, and what sets it. None shows a value.

Floor 5, a door.
"""
