"""Measuring: vaults of any size whose truth is known, peers, and the ratios between them. See README.md here."""
