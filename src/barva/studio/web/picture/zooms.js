// The buttons that zoom, and how far it is zoomed.

import { el } from "./dom.js";

/** @typedef {"in" | "out" | "fit" | "full"} Zoom */

export class Zooms {
  /** @param {HTMLElement} stage @param {Words} words @param {(what: Zoom) => void} zoom */
  constructor(stage, words, zoom) {
    this.fitted = false;
    this.fit = words.fit;
    this.now = el("button", { type: "button", class: "b-zoom-now", title: words.fit,
      on: { click: () => zoom(this.fitted ? "full" : "fit") } });
    /** @param {string} text @param {string} label @param {Zoom} what */
    const button = (text, label, what) =>
      el("button", { type: "button", text, "aria-label": label, title: label, on: { click: () => zoom(what) } });
    this.element = el("div", { class: "b-zoom", "data-own": true, role: "group", "aria-label": words.zoom, hidden: true },
      button("−", words.zoomOut, "out"), this.now, button("+", words.zoomIn, "in"));
    stage.append(this.element);
  }

  /** Show how far the view is zoomed: 100 % is a device's pixel for each of the photo's.
   * @param {import("./view.js").View | null} view */
  show(view) {
    this.element.hidden = !view;
    this.fitted = view?.fitted ?? false;
    if (!view) return;
    const text = `${Math.round(view.scale * devicePixelRatio * 100)} %`;
    if (text === this.now.textContent) return;
    this.now.textContent = text;
    this.now.ariaLabel = `${text}: ${this.fit}`;
  }
}
