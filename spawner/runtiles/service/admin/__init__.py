"""What the admins of a site see and steer, over HTTP."""
