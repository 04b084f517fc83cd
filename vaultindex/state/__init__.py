"""What the notes do not hold: the journal of edits (for undo), verdicts on proposals and names, what became of tasks.

Kept in `state.db`, which cannot be made again; an edit goes through here so that it can be undone. Beside it lies which pages
are served now.
"""
