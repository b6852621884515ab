"""Marketing lists: who may be a member, and the actions that change membership."""
