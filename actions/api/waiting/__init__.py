"""Answering a request only once something has ended, holding no thread and no connection.

Floor 5. `view` is what the server calls, `hub` is where it waits, `executions` what is waited for.
"""
