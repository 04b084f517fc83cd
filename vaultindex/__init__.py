"""Answers about an Obsidian vault: tasks, proposals, decisions, backlinks."""

__version__ = "0.1.0"
