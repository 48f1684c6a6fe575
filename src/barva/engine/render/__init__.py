"""Chroma to full size along the light, enforced marks, pixels."""
