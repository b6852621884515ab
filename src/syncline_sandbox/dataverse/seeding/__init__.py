"""What an organisation is filled with: the platform itself, the demo, and rows by the thousand."""
