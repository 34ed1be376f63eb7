"""Management of the site: the doors of the shell."""
