"""The command line: thin commands over `ask` and `state`, grouped by what they do to the vault."""
