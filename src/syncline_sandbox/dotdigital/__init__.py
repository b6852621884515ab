"""A local Dotdigital: account, data fields, contacts, lists, imports, suppressions and preferences (v2 and v3)."""
