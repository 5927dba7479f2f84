"""Tiles and machines as the admins of a site change them."""
