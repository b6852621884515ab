"""Marketing preferences: what people chose to be told about, in Dotdigital and in Dynamics."""
