"""Template tags of the pages.

Floor 5, a door: values to HTML, no queries.
"""
