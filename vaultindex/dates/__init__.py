"""Words and numbers that mean days, read as people and as the Tasks plugin write them.

Comes in: text, and the day that is today. Goes out: ISO days and ranges of days. Pure: it never asks the clock.
"""
