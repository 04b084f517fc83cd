"""The text of one note, read exactly as Obsidian reads it.

Comes in: text and a path. Goes out: a `Note` (properties, headings, list items, links, tags, blocks) and what it says about itself. Pure: no disk, no clock.
"""
