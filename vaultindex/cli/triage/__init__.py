"""What `vi triage` is made of: its keys, the card of one proposal, decisions on many at once, and a filter typed within."""
