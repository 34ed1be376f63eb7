"""This product under measurement: real workers, a real web server, the same steps as the peers."""
