"""Bugs put in on purpose, one behaviour each: `make mutants` says which of them no test notices."""
