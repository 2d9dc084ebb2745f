"""Widgets that know nothing of proxies: they are given data and post messages."""
