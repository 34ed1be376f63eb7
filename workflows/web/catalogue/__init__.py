"""The pages of workflows: the list, one workflow, its versions, and the form to run it.

Floor 5, a door.
"""
