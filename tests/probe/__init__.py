"""An app of actions whose effects tests can count; in the catalogue of test databases only."""
