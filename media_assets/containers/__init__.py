"""Safe opening, reading and writing of the containers that hold video and audio."""
