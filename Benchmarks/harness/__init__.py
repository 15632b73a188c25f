"""Measures servers against each other: requests per CPU second of the server, on pinned cores. Linux only."""
