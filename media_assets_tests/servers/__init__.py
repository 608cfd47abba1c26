"""Real servers for the tests: S3, Azure and Google Cloud Storage on this machine's loopback."""
