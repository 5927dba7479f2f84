"""The service's own pages: templates, static files, and what serves them.

A page is a template below `templates/` that extends `base.html`, plus plain ES modules and styles below
`static/`. Nothing is built, nothing is inlined, no other host is asked.
"""
