"""The SQLite index: its tables, and keeping them equal to the vault.

Comes in: what the vault shows. Goes out: a connection to an index that is up to date. The only room that writes the index.
"""
