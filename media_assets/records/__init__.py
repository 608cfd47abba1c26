"""The catalog's files: numbered manifests, notes and work records, as Parquet."""
