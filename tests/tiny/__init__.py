"""An app whose actions do no harm, whatever they are called with."""
