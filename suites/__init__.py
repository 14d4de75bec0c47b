"""The conformance suites: one file an exercise, in the curriculum's order."""
