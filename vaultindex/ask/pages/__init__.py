"""The pages: what to know before acting, each one function from an index, today and names to one plain dictionary."""
