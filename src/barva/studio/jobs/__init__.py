"""Photos that wait to be colored, and who goes first."""
