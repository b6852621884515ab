"""OData queries: from the text of the options to SQL, and from rows to JSON."""
