"""Spawner classes, run by the Hub: `base` is what all share, the others know one engine each."""
