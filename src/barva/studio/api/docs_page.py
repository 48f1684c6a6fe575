"""`/` and `/docs`: where the API is, for people. Written here from the API's own description, without a script and
without anything that is loaded from elsewhere."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from barva.version import __version__

if TYPE_CHECKING:
    from fastapi import FastAPI

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
code, pre { font: 0.9em ui-monospace, monospace; }
pre { overflow: auto; padding: 0.75rem; background: #8882; border-radius: 6px; }
section { border-top: 1px solid #8886; padding: 0.5rem 0; }
h3 { margin: 0.5rem 0; } dt { font-weight: 600; } dd { margin: 0 0 0.25rem 1.5rem; }
.way { display: inline-block; min-width: 4.5rem; }
"""


def add(app: FastAPI, start: bool = True) -> None:
    """Register both pages; without `start` another page is to be the first."""
    from fastapi.responses import HTMLResponse

    def page(title: str, body: str) -> HTMLResponse:
        whole = (
            f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
            f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head>'
            f"<body><main>{body}</main></body></html>"
        )
        return HTMLResponse(whole, headers={"content-security-policy": _POLICY})

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return page("Barva API", description(app.openapi(), str(app.openapi_url)))

    if start:

        @app.get("/", include_in_schema=False)
        async def first() -> HTMLResponse:
            return page("Barva", _start(str(app.openapi_url)))


def _start(described: str) -> str:
    return (
        f"<h1>Barva {escape(__version__)}</h1><p>Colors black-and-white photographs. This is its HTTP API; "
        "<code>barva studio</code> serves the page for the browser.</p>"
        "<pre>curl --data-binary @photo.jpg -o photo.color.jpg ADDRESS/api/v1/colorize</pre>"
        '<ul><li><a href="/docs">What the API takes and gives</a></li>'
        f'<li><a href="{escape(described)}">The same for machines</a> (OpenAPI)</li>'
        '<li><a href="/api/v1/health">Whether it runs</a></li></ul>'
    )


def description(document: dict[str, Any], where: str) -> str:
    """The description for machines as HTML for people."""
    info = document["info"]
    parts = [
        f"<h1>{escape(info['title'])} {escape(info['version'])}</h1><p>{escape(info.get('description', ''))}</p>"
        f'<p>For machines: <a href="{escape(where)}">{escape(where)}</a></p>'
    ]
    failures = {status: a for ways in document["paths"].values() for o in ways.values() for status, a in _failures(o)}
    lines = "".join(_line(status, a.get("description", "")) for status, a in sorted(failures.items()))
    parts.append(f"<h2>What may go wrong, anywhere</h2><dl>{lines}</dl>")
    tags: dict[str, list[str]] = {}
    for path, ways in document["paths"].items():
        for way, operation in ways.items():
            tags.setdefault(next(iter(operation.get("tags", ())), ""), []).append(_operation(path, way, operation))
    parts += [f"<h2>{escape(tag)}</h2>{''.join(operations)}" for tag, operations in tags.items()]
    return "".join(parts)


def _operation(path: str, way: str, operation: dict[str, Any]) -> str:
    head = f'<h3><code><span class="way">{escape(way.upper())}</span> {escape(path)}</code></h3>'
    rows = [
        (f"{p['name']} ({p['in']})", _schema(p.get("schema", {}), p.get("description", "")))
        for p in operation.get("parameters", ())
    ]
    content = operation.get("requestBody", {}).get("content", {})
    rows += [(f"body: {kind}", _schema(body.get("schema", {}))) for kind, body in content.items()]
    failures = dict(_failures(operation))
    answers = {status: a for status, a in operation["responses"].items() if status not in failures}
    rows += [(f"answer: {status}", ", ".join(a.get("content", {})) or "empty") for status, a in answers.items()]
    lines = "".join(_line(name, text) for name, text in rows)
    return f"<section>{head}<p>{escape(operation.get('description', ''))}</p><dl>{lines}</dl></section>"


def _failures(operation: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [(str(status), a) for status, a in operation["responses"].items() if int(status) >= 400]


def _line(name: str, text: str) -> str:
    return f"<dt><code>{escape(name)}</code></dt><dd>{escape(text)}</dd>"


def _schema(schema: dict[str, Any], text: str = "") -> str:
    """One line about a value: its kind, bounds, default, and what it is."""
    kind = schema.get("type") or schema.get("$ref", "").rpartition("/")[2]
    facts = [str(kind)] if kind else []
    facts += [f"{key} {schema[key]}" for key in ("minimum", "maximum", "default") if key in schema]
    facts += [f"one of {', '.join(map(str, schema['enum']))}"] if "enum" in schema else []
    facts += [f"fields {', '.join(schema['properties'])}"] if schema.get("properties") else []
    return ", ".join(facts) + (f": {text}" if text else "")
