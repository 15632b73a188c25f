// Nothing to call: see slow_locks.c.
