"""Sound as a kind of media: facts, samples, edits, writing, pictures of it.

A file that imports PyAV does so when it opens a container. `kind` joins this to tables.
"""
