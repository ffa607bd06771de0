"""``python -m trastienda``."""

from trastienda.cli import main

if __name__ == "__main__":
    main()
