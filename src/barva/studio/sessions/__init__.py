"""Photos that are worked on: their documents and where they are kept."""
