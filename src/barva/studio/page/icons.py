"""Line icons of the studio, drawn for it: 24 x 24, one stroke width."""

from __future__ import annotations

_PATHS = {
    "hand": "M8 13V5.5a1.5 1.5 0 013 0V11m0-6.5v-1a1.5 1.5 0 013 0V11m0-5.5a1.5 1.5 0 013 0V13m0-4.5a1.5 1.5 0 013 0"
    "V15a6 6 0 01-6 6h-1.5a6 6 0 01-4.7-2.3L4.2 14.2a1.6 1.6 0 012.5-2L8 13.5",
    "point": "M12 3s6 6.3 6 11a6 6 0 01-12 0c0-4.7 6-11 6-11z",
    "stroke": "M4 19c5 1 4-6 8-7s5 3 8-6",
    "box": "M5 6h14v12H5zM3.5 4.5h3v3h-3zM17.5 4.5h3v3h-3zM3.5 16.5h3v3h-3zM17.5 16.5h3v3h-3z",
    "grow": "M4 20L14 10M15.5 3.5v3M15.5 9.5v3M11 8h3M17 8h3M12.5 5l1.5 1.5M18.5 5L17 6.5M18.5 11L17 9.5",
    "lasso": "M12 4c5 0 9 2.5 9 6s-4 6-9 6-9-2.5-9-6 4-6 9-6zM8 15.5c-1.5 1-2 2-1.5 3s0 2-1.5 2.5",
    "brush": "M19 4L10 13M7.5 14a3 3 0 013 3c0 3-3.5 4-7 3.5 1.5-1 1-2 1.2-3.5a3 3 0 012.8-3zM21 3l-2 1",
    "undo": "M9 6L4 11l5 5M4 11h10a6 6 0 010 12h-1",
    "redo": "M15 6l5 5-5 5M20 11H10a6 6 0 000 12h1",
    "save": "M12 4v11M7.5 11l4.5 4.5 4.5-4.5M5 20h14",
    "open": "M4 18V6h6l2 2h8v10z",
    "plus": "M12 5v14M5 12h14",
    "close": "M6 6l12 12M18 6L6 18",
    "trash": "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5",
    "eye": "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 9a3 3 0 100 6 3 3 0 000-6z",
    "group": "M4 18V6h6l2 2h8v10zM4 11h16",
    "sliders": "M4 7h9M17 7h3M4 17h3M11 17h9M15 5v4M9 15v4",
    "help": "M9 9.2a3 3 0 115 2.2c-1.2.9-2 1.4-2 3M12 18v.1M12 2.5a9.5 9.5 0 100 19 9.5 9.5 0 000-19z",
    "moon": "M20 14.5A8.5 8.5 0 119.5 4a7 7 0 0010.5 10.5z",
    "compare": "M12 3v18M5 6h4M5 18h4M5 6v12M15 6h4v12h-4",
    "film": "M4 5h16v14H4zM8 5v14M16 5v14M4 9.5h4M4 14.5h4M16 9.5h4M16 14.5h4",
    "photos": "M4 8h12v12H4zM8 8V4h12v12h-4M4 17l4-4 4 4",
    "retry": "M20 5v5h-5M19.5 10A8 8 0 104 13",
    "check": "M5 13l4 4L19 7",
    "home": "M4 11l8-7 8 7M6 9.5V20h12V9.5",
    "image": "M4 5h16v14H4zM4 16l5-5 4 4 2-2 5 5M15.5 8.5v.1",
    "palette": "M12 3a9 9 0 100 18c1.5 0 2-1 2-2 0-1.5-1-1.5-1-2.5s.8-1.5 2-1.5h2a4 4 0 004-4c0-4.5-4-8-9-8z"
    "M7.5 11v.1M10 7.5v.1M14.5 7.5v.1",
}


def svg(name: str) -> str:
    """The icon as inline SVG."""
    return (
        '<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" '
        f'stroke-linejoin="round" aria-hidden="true" focusable="false"><path d="{_PATHS[name]}"/></svg>'
    )
