"""`python -m povsim` is the `povsim` command."""

from povsim.commands import run

if __name__ == "__main__":
    run()
