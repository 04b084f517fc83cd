"""Recipes for package managers, and the manual pages in the wheel."""
