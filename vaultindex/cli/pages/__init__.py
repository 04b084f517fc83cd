"""Commands of the pages.

Each asks one function of `ask/pages` and prints its dictionary: for a terminal, as Markdown, as JSON.
"""
