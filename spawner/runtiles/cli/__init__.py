"""The command line, `runtiles`. Python 3.8 and later, with the extra `[cli]` alone: it is installed in
every runtime, beside whatever an image brings. Of ours it knows the contract and nothing else.
"""
