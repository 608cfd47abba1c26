"""Video as a kind of media: facts, frames, edits, writing.

A file that imports PyAV does so when it opens a container. `kind` joins this to tables.
"""
