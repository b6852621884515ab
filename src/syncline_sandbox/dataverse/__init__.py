"""A local Dataverse: the Web API (OData v4), its token endpoint and its metadata, on SQLite."""
