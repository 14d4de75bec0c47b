"""Captures and notes of exercise 1.3: the reference, recorded, and all cases of the matrix, derived from it."""
