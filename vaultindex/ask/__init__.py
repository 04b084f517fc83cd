"""The questions: each is one function that reads the index and returns plain dictionaries.

Nothing here prints, and nothing here writes. The commands, the library and every other door ask the same functions.
"""
