"""A method for Barva in a package of its own."""
