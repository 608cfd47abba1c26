"""Programs of peers, each run in an environment with the peer and without this project."""
