"""Tables, columns, relationships and keys: what the organisation's metadata says."""
