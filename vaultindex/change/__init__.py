"""Changes to tasks as every door makes them: in comes a task and what is wanted, out go a note's changed line, the journal's entry and a fresh index."""
