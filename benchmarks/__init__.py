"""Repeatable measurements: one JSON line for each figure on stdout, the story of the run on stderr."""
