"""The studio: the HTTP API and what the browser page works with. The only place that knows web frameworks."""
