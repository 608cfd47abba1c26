"""Programs of peers: each runs in an environment that holds the peer, and not this project."""
