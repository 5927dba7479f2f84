"""Emptying a host before it is worked on, and filling it again afterwards."""
