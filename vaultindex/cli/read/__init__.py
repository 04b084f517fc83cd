"""Commands that answer from the index: tasks, queries, decisions, notes, people, links."""
