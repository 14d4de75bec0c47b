"""The captures and notes of exercise 1.3: the reference, recorded, and all submissions of the matrix, derived from it."""
