"""The same answers where people already look: rows of tasks come in, calendars, other programs' lists and notifications go out.

It holds no rule about tasks, people or notes: those are asked of `ask` and changed by `state`.
"""
