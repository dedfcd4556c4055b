"""`python -m kept` is `kept`."""

from kept.cli import main

main()
