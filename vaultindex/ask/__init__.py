"""The questions: each takes a connection and gives plain dictionaries in the shape of the JSON contract."""
