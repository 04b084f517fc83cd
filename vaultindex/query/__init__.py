"""The Tasks plugin's query language: text -> tree -> SQL -> tasks.

`engine.run` is the way in. Reads the index, writes nothing.
"""
