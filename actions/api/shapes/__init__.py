"""What goes in and comes out, as JSON Schema (2020-12), the language of OpenAPI 3.1. Floor 5.

A request's body is checked against its shape by the same code that checks params, so both are
refused in the same words; a test checks every answer against the shape that documents it.
"""
