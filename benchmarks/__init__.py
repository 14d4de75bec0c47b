"""Measurements against the real alternatives, in one run on one machine: `python -m benchmarks capture|cost|verify`.

They print a table and, with `--json FILE`, the same as data. They are no tests: figures are for people to judge.
"""
