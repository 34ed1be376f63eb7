"""Tests of actions/schema: schemas from signatures, and values against them."""
