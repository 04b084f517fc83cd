"""Rows become text: tables, JSON, CSV, Markdown.

The only room that prints what notes say, and makes it safe to print.
"""
