"""Tests of actions/masking: secrets stay out of what is shown."""
