"""Tests of actions/sentences: what happened, in words."""
