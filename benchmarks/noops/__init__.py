"""An app of actions that do nothing, to measure what surrounds them."""
