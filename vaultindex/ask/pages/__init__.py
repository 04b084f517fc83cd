"""The pages: what to know before acting.

One function a page: connection, today and names come in, one plain dictionary goes out; nothing is printed.
"""
