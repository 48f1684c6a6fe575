"""`python -m barva`."""

from barva.cli import main

main()
