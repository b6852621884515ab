"""Syncline keeps Microsoft Dynamics 365 (Dataverse) and Dotdigital in step."""

__version__ = "0.1.0"
