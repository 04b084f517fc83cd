"""The watcher: a process that keeps the index equal to the vault, and the service that starts it."""
