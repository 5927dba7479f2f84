"""What the Hub side and the runtime side agree on. Standard library only, Python 3.8 and later.

Both sides import this package and nothing else of each other: the launcher may run on an image's
old Python, so no syntax or module newer than 3.8 is used here.
"""
