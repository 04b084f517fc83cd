"""Questions about tasks: which ones match, what a row holds, why it is listed, which ones ask the same."""
