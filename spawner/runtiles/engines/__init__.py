"""What runs containers. `base` is the contract; `memory` needs nothing installed."""
