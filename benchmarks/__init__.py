"""The speed of media-assets: compared with a floor, with larger tables, and with a peer.

`python -m benchmarks` measures and reports. `inputs` makes the files, `jobs/` are the measured
programs, each run in its own process, and `cases/` define the comparisons.
"""
