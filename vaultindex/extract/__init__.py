"""A note becomes rows: each module with a class `Row` is one kind of row and one table of the index.

Comes in: a `Source` (the note, what it says about itself, the rules). Goes out: plain tuples. Pure: same bytes, same rows.
"""
