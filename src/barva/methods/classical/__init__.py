"""Methods without a network: color from scribbles and from reference photos."""
