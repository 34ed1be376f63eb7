"""Forms made from a JSON Schema, for the params of an action.

Floor 5, a door. The subset that gets fields of its own: strings with their formats, numbers,
booleans, enumerations, lists of plain values, nested objects, each optional or nullable, and local
references. Whatever else a schema says is written as JSON in the place where it stands.
"""
