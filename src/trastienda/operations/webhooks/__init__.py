"""What the shop announces is sent to other systems: at least once, and in order for each."""
