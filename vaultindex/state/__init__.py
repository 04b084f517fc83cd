"""What the notes do not hold: the journal of edits (for undo) and the verdicts on proposals.

Kept in `state.db`, which cannot be made again; an edit goes through here so that it can be undone.
"""
