"""Metadata over the Web API: definitions, options, CSDL, and changes to them."""
