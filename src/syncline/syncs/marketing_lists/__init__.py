"""What the list syncs are made of: marketing lists of Dynamics, lists of Dotdigital, and the people in them.

`syncs.lists_out` says in which order the phases here make up a sync. Reading stages what differs and
*touches* the people concerned; deciding is pure; writing settles people one batch at a time; cursors move at
the very end.
"""
