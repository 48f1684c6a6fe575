"""More than one answer for a photo."""
