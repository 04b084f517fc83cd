"""What `-i` does with a list: rows are picked with keys, by fzf or by our own picker, and then acted on by our commands."""
