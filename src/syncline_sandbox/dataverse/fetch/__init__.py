"""FetchXML: read, turned into SQL, run."""
