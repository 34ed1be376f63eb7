"""The searches of the record, measured."""
