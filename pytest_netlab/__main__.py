"""`python -m pytest_netlab` is the command `pytest-netlab`."""

import sys

from pytest_netlab.cli import main

if __name__ == "__main__":
    sys.exit(main())
