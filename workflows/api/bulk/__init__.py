"""Bulk re-runs over REST: counted, started, looked at, stopped. Floor 5."""
