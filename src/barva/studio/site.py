"""The page on top of the API: `create_site` is the whole studio as one application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from barva.studio.server import create_app
from barva.studio.settings import Settings

if TYPE_CHECKING:
    from fastapi import FastAPI

MARK = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="16" cy="16" r="14" fill="#c8553d"/>'
    '<path d="M16 2a14 14 0 010 28z" fill="#3f8f7f"/><path d="M16 2a14 14 0 000 28z" fill="#8b8780"/></svg>'
)


def create_site(settings: Settings) -> FastAPI:
    """The API and the page. UsageError without the extra `studio`; WriteError."""
    app = create_app(settings, page=True)
    from fastapi.staticfiles import StaticFiles
    from nicegui import ui

    from barva.errors import BarvaError
    from barva.studio.locale.messages import Words, language_of
    from barva.studio.page import assets, routes
    from barva.studio.page.page import Page
    from barva.studio.sessions.edit_session import EditSessions
    from barva.studio.sessions.visitors import VisitorSessions

    service = app.state.service
    sessions = app.state.sessions = EditSessions(service)
    service.store.occupied.append(sessions.in_use)
    service.store.listed.append(sessions.on_list)
    app.include_router(routes.router(sessions))
    app.mount("/studio/web", StaticFiles(directory=assets.FOLDER))
    style = assets.FOLDER / "studio.css"

    @ui.page("/", title="Barva", favicon=MARK)
    def page(work: str = "", photos: str = "", film: str = "") -> None:
        request = ui.context.client.request
        language = language_of(request.cookies, request.headers.get("accept-language", ""))
        words = Words(language)
        ui.add_head_html(f'<link rel="stylesheet" href="/studio/web/studio.css?{int(style.stat().st_mtime)}">')
        ui.query("html").props(f"lang={words.language}")
        theme = request.cookies.get("barva-theme", "auto")
        shown = service.films.find(film)
        frames = None if shown is None else VisitorSessions(service, sessions, shown.visitor)
        if frames is not None and (keys := frames.keys):
            Page(frames, words, theme, shown).show(work if work in keys else keys[0])
            return
        visitor = VisitorSessions(service, sessions, request.scope["barva.visitor"])
        page = Page(visitor, words, theme)
        key: str | None = work or None
        if key:
            try:
                visitor.adopt(key)
            except BarvaError:
                key = None
        page.show(key, all_photos=bool(photos))

    ui.run_with(app, title="Barva", dark=None, tailwind=False, show_welcome_message=False, reconnect_timeout=20.0)
    return app
