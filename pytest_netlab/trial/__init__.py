"""A suite on trial: the grader is graded.

cases     the submissions that a suite must pass and fail, and what each is expected to do
hearing   grading them all, and comparing what came of it with what was promised
"""
