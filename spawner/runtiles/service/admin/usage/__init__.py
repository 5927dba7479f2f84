"""Who used what for how long, and what it cost."""
