"""The studio: the web application, and the HTTP API that it stands on."""
