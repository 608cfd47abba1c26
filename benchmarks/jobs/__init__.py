"""The measured programs: each runs in its own process and prints one line of JSON."""
