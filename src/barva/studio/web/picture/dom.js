// Small helpers for elements.

/** @typedef {Record<string, any> & { text?: string, on?: Record<string, (event: any) => unknown> }} Attributes */

/** An element with attributes ("text" is its content, "on" its listeners) and children.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag @param {Attributes} attributes @param {(Node | string | false | null)[]} children
 * @returns {HTMLElementTagNameMap[T]} */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "text") node.textContent = value;
    else if (name === "on") for (const [event, listener] of Object.entries(attributes.on ?? {})) node.addEventListener(event, listener);
    else if (name === "style") node.style.cssText = value;
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(.../** @type {(Node | string)[]} */ (children.filter(Boolean)));
  return node;
}

/** A canvas's context, which a browser that shows the page has.
 * @param {HTMLCanvasElement} canvas @param {CanvasRenderingContext2DSettings} [settings] */
export function contextOf(canvas, settings) {
  return /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", settings));
}

/** The nearest element around an event's target that fits `selector`.
 * @param {Event} event @param {string} selector @returns {HTMLElement | null} */
export function around(event, selector) {
  return event.target instanceof Element ? event.target.closest(selector) : null;
}

const PATHS = {
  close: "M6 6l12 12M18 6L6 18",
  trash: "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5",
  dropper: "M14 6l4 4M12 8l4 4M13 9l-8 8-1 4 4-1 8-8M15 5l2-2a2 2 0 014 4l-2 2",
  dice: "M5 5h14v14H5zM9 9v.1M15 15v.1M12 12v.1M15 9v.1M9 15v.1",
  check: "M5 13l4 4L19 7",
  retry: "M20 5v5h-5M19.5 10A8 8 0 104 13",
};

/** A line icon, hidden from screen readers: its button has the label. @param {keyof typeof PATHS} name */
export function icon(name) {
  const holder = el("span", { class: "b-icon", "aria-hidden": "true" });
  holder.innerHTML = `<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round"><path d="${PATHS[name]}"/></svg>`;
  return holder;
}
