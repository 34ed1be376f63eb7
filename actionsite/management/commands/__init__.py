"""Commands of the site; each file is one door of the shell."""
