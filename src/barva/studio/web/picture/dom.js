// Small helpers for elements.

/** An element with attributes ("text" is its content, "on" its listeners) and children. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "text") node.textContent = value;
    else if (name === "on") for (const [event, hand] of Object.entries(value)) node.addEventListener(event, hand);
    else if (name === "style") node.style.cssText = value;
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.filter(Boolean));
  return node;
}

const PATHS = {
  close: "M6 6l12 12M18 6L6 18",
  trash: "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5",
  dropper: "M14 6l4 4M12 8l4 4M13 9l-8 8-1 4 4-1 8-8M15 5l2-2a2 2 0 014 4l-2 2",
  check: "M5 13l4 4L19 7",
  retry: "M20 5v5h-5M19.5 10A8 8 0 104 13",
};

/** A line icon, hidden from screen readers: its button has the label. */
export function icon(name) {
  const holder = el("span", { class: "b-icon", "aria-hidden": "true" });
  holder.innerHTML = `<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round"><path d="${PATHS[name]}"/></svg>`;
  return holder;
}
