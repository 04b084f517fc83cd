"""What every other room speaks: errors with exit codes, text, ids, settings, places on disk.

Knows nothing of notes, tasks or the index. Settings and paths read the environment and the settings files; the rest is pure.
"""
