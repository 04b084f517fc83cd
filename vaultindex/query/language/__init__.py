"""From the text of a query to its nodes, as the Tasks plugin reads it."""
