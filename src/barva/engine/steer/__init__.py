"""What a method did not follow natively: marks, points, palette, strength."""
