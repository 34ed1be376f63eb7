"""Runs over REST: start one, look at it, control it, run it again. Floor 5."""
