"""Insight data: which tables of Dynamics go into which collections of Dotdigital, and what is there."""
