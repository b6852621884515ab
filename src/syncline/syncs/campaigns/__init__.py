"""Email campaigns and what people did with them, from Dotdigital into tables of ours in Dynamics."""
