"""What a table keeps of itself: numbered manifests, notes and work records, as Parquet files."""
