"""How single values are written: durations, sizes, git addresses, commands, environment names.

Every parser takes whatever came in, returns the one canonical form, and raises ValueError with a
message for the person who typed it. No message repeats a value that may hold a credential.
"""
