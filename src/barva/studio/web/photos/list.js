// A list of photos of which only what can be seen is in the document, however long it is.

import { el } from "barva-picture/dom.js";

import { KINDS } from "./kinds.js";
import { shelf } from "./shelf.js";

const BEYOND = 3; // lines that are kept on either side of what is seen

/** @typedef {{ height: number, columns: number, pitch: number, length: number }} Grid */

/** The sizes of an item come from the style: --item-width (0: as wide as the list) and --item-height, with the gaps. */
export class List {
  /** @param {HTMLElement} host @param {import("./kinds.js").Kind} kind @param {Words} words @param {Emit} emit
   * @param {string} source key of the photo whose scene goes to the others, or "" */
  constructor(host, kind, words, emit, source) {
    this.host = host;
    this.words = words;
    this.emit = emit;
    this.source = source;
    this.kind = KINDS[kind];
    /** @type {Map<string, import("./kinds.js").View>} by key */
    this.views = new Map();
    /** @type {Set<string>} keys that were unchecked, where one chooses */
    this.off = new Set();
    this.shown = "";
    this.due = this.closed = false;
    this.room = el("li", { class: "b-photos-room", role: "presentation", "aria-hidden": "true" });
    host.append(this.room);
    /** @type {Element} */
    this.scroller = this.kind.across ? host : (host.closest(".b-scrolls") ?? host);
    const redraw = () => this.draw();
    this.scroller.addEventListener("scroll", redraw, { passive: true });
    this.resizes = new ResizeObserver(redraw);
    this.resizes.observe(this.scroller);
    this.resizes.observe(host);
    this.end = shelf.watch((shown) => {
      this.shown = shown || this.shown;
      this.draw();
    });
    this.draw();
  }

  close() {
    this.closed = true;
    this.end();
    this.resizes.disconnect();
  }

  /** The rows of this list: all, or all but the one whose scene goes to the others. */
  get rows() {
    return this.source ? shelf.rows.filter((row) => row.key !== this.source) : shelf.rows;
  }

  draw() {
    if (this.due) return;
    this.due = true;
    requestAnimationFrame(() => {
      this.due = false;
      if (!this.closed) this.#draw();
    });
  }

  /** How items lie: columns, and the length of a line; a line is a column of the strip, and a row otherwise.
   * @returns {Grid} */
  #grid() {
    const style = getComputedStyle(this.host);
    const [width, height] = ["width", "height"].map((side) => parseFloat(style.getPropertyValue(`--item-${side}`)) || 0);
    const columns = this.kind.across || !width ? 1 : Math.max(1, Math.floor(this.host.clientWidth / width));
    const pitch = this.kind.across ? width : this.host.clientWidth / columns;
    return { height, columns, pitch, length: this.kind.across ? width : height };
  }

  /** First and last line that are seen. @param {number} length */
  #visibleLines(length) {
    const whole = this.scroller.getBoundingClientRect(), own = this.host.getBoundingClientRect();
    if (!this.host.offsetWidth || !length) return [0, 0]; // it is hidden
    const start = this.kind.across ? this.host.scrollLeft : whole.top - own.top + (this.scroller === this.host ? this.host.scrollTop : 0);
    const size = this.kind.across ? this.scroller.clientWidth : this.scroller.clientHeight; // not what a dialog that opens shows of it
    return [Math.floor(start / length) - BEYOND, Math.ceil((start + size) / length) + BEYOND];
  }

  #draw() {
    const rows = this.rows, grid = this.#grid(), lines = Math.ceil(rows.length / grid.columns);
    this.room.style[this.kind.across ? "width" : "height"] = `${lines * grid.length}px`;
    this.#reach(rows, grid);
    const [first, last] = this.#visibleLines(grid.length);
    const from = Math.max(0, first * grid.columns), to = Math.min(rows.length, last * grid.columns);
    const visible = new Set(rows.slice(from, to).map((row) => row.key));
    for (const [key, { node }] of this.views) {
      if (visible.has(key) || (node.contains(document.activeElement) && rows.some((row) => row.key === key))) continue;
      node.remove();
      this.views.delete(key);
    }
    /** @type {HTMLElement} */
    let before = this.room;
    for (let index = from; index < to; index++) {
      const view = this.#view(rows[index]);
      this.#place(view.node, index, grid, rows.length);
      if (before.nextSibling !== view.node) before.after(view.node); // in the order of the Tab key
      before = view.node;
      view.update(rows[index]);
    }
  }

  /** @param {Row} row */
  #view(row) {
    let view = this.views.get(row.key);
    if (!view) {
      const { node, update } = this.kind.make(row, this);
      view = { node: node instanceof HTMLLIElement ? node : el("li", {}, node), update }; // which may say its place
      this.views.set(row.key, view);
    }
    return view;
  }

  /** @param {HTMLElement} node @param {number} index @param {Grid} grid @param {number} count */
  #place(node, index, grid, count) {
    const line = Math.floor(index / grid.columns), column = index % grid.columns;
    const [x, y] = this.kind.across ? [line * grid.pitch, 0] : [column * grid.pitch, line * grid.height];
    node.style.transform = `translate(${x}px, ${y}px)`;
    node.setAttribute("aria-setsize", String(count));
    node.setAttribute("aria-posinset", String(index + 1));
  }

  /** Bring a photo that has just been opened into sight. @param {Row[]} rows @param {Grid} grid */
  #reach(rows, grid) {
    const index = this.shown ? rows.findIndex((row) => row.key === this.shown) : -1;
    if (index < 0 || !this.host.clientWidth) return;
    this.shown = "";
    if (!this.kind.across) return;
    const start = index * grid.length, { scrollLeft, clientWidth } = this.host;
    if (start < scrollLeft || start + grid.length > scrollLeft + clientWidth)
      this.host.scrollLeft = start - (clientWidth - grid.length) / 2;
  }

  // ---- choosing

  /** Check or uncheck one photo, or all of them. @param {boolean} on @param {string} key */
  check(on, key = "") {
    const keys = key ? [key] : this.rows.map((row) => row.key);
    for (const each of keys) {
      if (on) this.off.delete(each);
      else this.off.add(each);
    }
    this.draw();
    this.emit("chosen", { count: this.chosen().length });
  }

  chosen() {
    return this.rows.map((row) => row.key).filter((key) => !this.off.has(key));
  }
}
