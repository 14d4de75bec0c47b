"""Submissions that attack the grader, and what must become of them.

submissions/NAME/   expect.toml; `hostile/`, the attack; `benign/`, the harmless version, which must pass
test_submissions    grades each of them, and looks for what is left
test_tools          attacks that are no submission: on names, on tools, on the grader's own life
table               runs all of it as both users and writes the table of docs/security.md
"""
