"""The pages of workflows, runs and approvals.

Floor 5, a door.
"""
