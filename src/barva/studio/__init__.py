"""The studio: the HTTP API and what the browser page works with. The only place that knows web frameworks."""

from pathlib import Path

WEB = Path(__file__).parent / "web"
"""The page's JavaScript and style sheet."""
