"""What the API answers, as types. All fields of a model are always there; those of a TypedDict that are
`NotRequired` may be missing.
"""
