"""What people would pick instead, doing the same no-op: each a process with its own database."""
