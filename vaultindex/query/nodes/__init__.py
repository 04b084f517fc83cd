"""The parts of a query: conditions, sorters and groupers, each of them SQL and a Python match that agree."""
