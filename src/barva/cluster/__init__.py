"""Ray: machines that work together, for archives and films alike."""
