"""How fast media-assets is: against a floor, against what it costs to grow, against a peer.

`python -m benchmarks` measures and reports. `inputs` makes the files, `jobs/` are the programs
that are measured, each in a process of its own, `cases/` say what is compared with what.
"""
