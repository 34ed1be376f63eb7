"""The pages of runs: the list, one run, and what a person does with it.

Floor 5, a door.
"""
