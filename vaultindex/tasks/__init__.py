"""One task line, read and written exactly as the Tasks plugin does.

Comes in: a line and the plugin's settings. Goes out: a `Task`, or the line with one change made. Pure: no disk, no clock.
"""
