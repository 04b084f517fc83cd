"""The vault on disk: finding it, listing it, reading its notes, replacing one.

The only room that opens a note. Comes in: paths. Goes out: fingerprints and bytes; a note is replaced whole or not at all.
"""
