"""``python -m jlabel``: the command ``jlabel``."""

from jlabel.cli import main

if __name__ == "__main__":
    main()
