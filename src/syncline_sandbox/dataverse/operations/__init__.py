"""What the Web API does: one module a kind of request."""
