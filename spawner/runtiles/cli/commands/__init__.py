"""The commands, one file per family. Each puts its own onto the command line with `register`."""
