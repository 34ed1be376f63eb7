"""The pages of executions: the list, one of them, and what people do to it.

Floor 5, a door.
"""
