"""Following the log of an execution while it is written, as server-sent events.

Floor 5. A follower holds neither a thread nor a database connection.
"""
