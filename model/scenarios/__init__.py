"""Shipped scenarios: documented parameters over one world."""
