"""A local Dotdigital: account, data fields, contacts, lists, imports, suppressions, preferences (v2, v3)."""
