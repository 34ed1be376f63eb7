"""One view for each address; each method finds, calls one verb and answers. Floor 5."""
