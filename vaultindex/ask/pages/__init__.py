"""The pages: what to know before acting."""
