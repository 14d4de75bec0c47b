"""Any bytes are a value or a `WireError`: the targets that say so, and atheris to look for bytes that are neither.

    targets     what is fuzzed, as functions of bytes; tests use them too
    corpus/     where the search begins, a directory a target
    __main__    `python -m fuzz wire --runs 100000`

atheris comes with the extra `fuzz`. What it finds becomes a file in `corpus/TARGET/`, which a test runs ever after.
"""
