"""Insight data: how chosen tables are read, which rows their people may have, and how they are sent."""
