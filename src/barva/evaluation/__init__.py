"""Measuring colorizers: metrics, the benchmark that runs them on colour photos, and its reports."""
