"""Tiles and machines over HTTP."""
