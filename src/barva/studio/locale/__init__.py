"""The studio's languages."""
