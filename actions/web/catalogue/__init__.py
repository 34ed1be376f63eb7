"""The pages of the catalogue: all actions, one of them, and a form to try it.

Floor 5, a door.
"""
