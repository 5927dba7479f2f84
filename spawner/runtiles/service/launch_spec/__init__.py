"""What a launcher is told, and only the launcher."""
