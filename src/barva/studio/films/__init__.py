"""Films that are worked on by their key frames."""
