"""The pages of bulk re-runs: count and confirm, the list, one with its progress.

Floor 5, a door.
"""
