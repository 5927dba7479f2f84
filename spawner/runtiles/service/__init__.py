"""The hub service: the REST API that the pages, Lab, the CLI and the launcher use.

Handlers translate between HTTP and the managers; a manager knows no tornado. Whatever the service does
with other people's servers it does with the caller's own token: the Hub decides.
"""
