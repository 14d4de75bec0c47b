"""The wire layer, held to its word: a value or a `WireError` for any octets."""
