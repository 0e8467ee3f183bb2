# The engine needs only to know that it is there.
