"""The doors: what other programs receive, read with programs that others wrote."""
