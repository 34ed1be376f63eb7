"""The pages of API keys: the list, one of them, a new one, and its revocation.

Floor 5, a door.
"""
