"""Filters that several packages need."""
