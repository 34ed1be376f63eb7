"""Composes actions into workflows and runs the workers."""
