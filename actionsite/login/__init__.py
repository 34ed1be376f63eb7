"""Signing in at the login page: its rules, its page and where a browser is. Floor: the site.

django-axes counts the tries that fail, by user name and address together, and refuses more of them
for a while. Programs sign in with API keys, which nobody can guess, and are not counted.
"""
