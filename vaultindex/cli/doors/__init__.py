"""Commands that carry answers to other programs: calendars and lists of tasks, notifications, agents."""
