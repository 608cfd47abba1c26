"""A table as Dagster sees it: its declaration, assets, step, checks and conditions."""
