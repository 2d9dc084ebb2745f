"""Screens: each is given data, and hands back what the user decided."""
