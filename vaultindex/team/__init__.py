"""A team's shared store: chosen rows of the index go to PostgreSQL, rows of everybody's vaults come back to be asked.

They come back into a private index, of which `ask` answers. It opens no note and writes nothing on this machine but kept
answers.

Imported only by `vi publish`, `vi team` and, when a vault is published by itself, the watcher.
"""
