"""Commands of the pages: each asks one function of `ask/pages` and lays its dictionary out for a terminal."""
