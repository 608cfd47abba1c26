"""Uploads: found in folders, buckets and URLs, and recorded in the table's upload log."""
