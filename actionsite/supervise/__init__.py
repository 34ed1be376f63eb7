"""The processes of `manage.py up`: started, watched, restarted and ended together."""
