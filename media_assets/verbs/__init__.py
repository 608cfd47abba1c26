"""The verbs of the command line and of `MediaTable`, one file each.

A verb takes a location and a table, and returns a report as a plain value. It neither parses nor
prints nor exits.
"""
