"""Tests of actions/canonical: JSON as the contract means it."""
