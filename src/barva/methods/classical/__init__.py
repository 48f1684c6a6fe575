"""Methods without a network: colour from scribbles and from reference photos."""
