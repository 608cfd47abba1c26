"""The programs that are measured: each runs in a process of its own and prints one line of JSON."""
