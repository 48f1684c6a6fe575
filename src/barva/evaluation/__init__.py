"""Measuring colorizers: metrics, the benchmark that runs them on color photos, and its reports."""
