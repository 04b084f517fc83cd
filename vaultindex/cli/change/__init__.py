"""Commands that change a line of a note, or take a change back."""
