"""The index of a target: one row a photo, in Parquet files that grow."""
