"""Pages and forms of Dotdigital and the responses to them, from there into tables of ours in Dynamics."""
