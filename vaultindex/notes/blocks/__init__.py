"""Which blocks a note is made of: markdown-it's block engine with one rule a file, in Obsidian's order and meaning.

Obsidian's cache agrees with Remark's reader before its rewrite, not with CommonMark: lists nest by columns, one line
of text makes a setext heading, a table never interrupts a paragraph. The rules say so one by one; the engine walks.
"""
