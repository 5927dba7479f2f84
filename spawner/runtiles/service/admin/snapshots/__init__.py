"""What everybody's snapshots take."""
