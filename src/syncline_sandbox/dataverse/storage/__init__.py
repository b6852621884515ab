"""Where rows are kept: one SQLite file, real columns, one monotone version number, tombstones."""
