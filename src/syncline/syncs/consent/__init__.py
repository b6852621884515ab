"""The syncs that carry consent between the two sides: suppressions, and who left which list.

They read as the list syncs do, and look only at people about whom something changed (`people.store.due`).
What they write is restrictive, but for one thing: where a person has come back to Dotdigital by themselves,
what these syncs had written in Dynamics is taken back.
"""
