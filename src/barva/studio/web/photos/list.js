// A list of photos of which only what can be seen is in the document, however long it is.

import { el } from "barva-picture/dom.js";

import { shelf } from "./shelf.js";
import { KINDS } from "./kinds.js";

const BEYOND = 3; // lines that are kept on either side of what is seen

/** The sizes of an item come from the style: --item-width (0: as wide as the list) and --item-height, with the gaps. */
export class List {
  constructor(host, kind, words, tell, source) {
    Object.assign(this, { host, words, tell, source, kind: KINDS[kind] });
    this.nodes = new Map(); // key -> {node, update}
    this.off = new Set(); // keys that were unchecked, where one chooses
    this.room = el(kind === "list" ? "li" : "div", { class: "b-photos-room", role: "presentation", "aria-hidden": "true" });
    host.append(this.room);
    this.scroller = this.kind.across ? host : (host.closest(".b-scrolls") ?? host);
    const on = () => this.draw();
    this.scroller.addEventListener("scroll", on, { passive: true });
    this.resizes = new ResizeObserver(on);
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

  /** How items lie: columns, and the length of a line; a line is a column of the strip, and a row otherwise. */
  #laid() {
    const style = getComputedStyle(this.host);
    const [width, height] = ["width", "height"].map((side) => parseFloat(style.getPropertyValue(`--item-${side}`)) || 0);
    const columns = this.kind.across || !width ? 1 : Math.max(1, Math.floor(this.host.clientWidth / width));
    const pitch = this.kind.across ? width : this.host.clientWidth / columns;
    return { height, columns, pitch, length: this.kind.across ? width : height };
  }

  /** First and last line that are seen. */
  #seen(length) {
    const whole = this.scroller.getBoundingClientRect(), own = this.host.getBoundingClientRect();
    if (!this.host.offsetWidth || !length) return [0, 0]; // it is hidden
    const begins = this.kind.across ? this.host.scrollLeft : whole.top - own.top + (this.scroller === this.host ? this.host.scrollTop : 0);
    const size = this.kind.across ? this.scroller.clientWidth : this.scroller.clientHeight; // not what a dialog that opens shows of it
    return [Math.floor(begins / length) - BEYOND, Math.ceil((begins + size) / length) + BEYOND];
  }

  #draw() {
    const rows = this.rows, laid = this.#laid(), lines = Math.ceil(rows.length / laid.columns);
    const total = `${lines * laid.length}px`;
    this.room.style[this.kind.across ? "width" : "height"] = total;
    this.#reach(rows, laid);
    const [first, last] = this.#seen(laid.length);
    const from = Math.max(0, first * laid.columns), to = Math.min(rows.length, last * laid.columns);
    const wanted = new Set(rows.slice(from, to).map((row) => row.key));
    for (const [key, made] of this.nodes) {
      if (wanted.has(key) || (made.node.contains(document.activeElement) && rows.some((row) => row.key === key))) continue;
      made.node.remove();
      this.nodes.delete(key);
    }
    let before = this.room;
    for (let index = from; index < to; index++) {
      const made = this.#node(rows[index]);
      this.#place(made.node, index, laid, rows.length);
      if (before.nextSibling !== made.node) before.after(made.node); // in the order of the Tab key
      before = made.node;
      made.update(rows[index], this);
    }
  }

  #node(row) {
    let made = this.nodes.get(row.key);
    if (!made) this.nodes.set(row.key, (made = this.kind.make(row, this)));
    return made;
  }

  #place(node, index, laid, count) {
    const line = Math.floor(index / laid.columns), column = index % laid.columns;
    const [x, y] = this.kind.across ? [line * laid.pitch, 0] : [column * laid.pitch, line * laid.height];
    node.style.transform = `translate(${x}px, ${y}px)`;
    node.setAttribute("aria-setsize", count);
    node.setAttribute("aria-posinset", index + 1);
  }

  /** Bring a photo that was just put on the desk into sight. */
  #reach(rows, laid) {
    const index = this.shown ? rows.findIndex((row) => row.key === this.shown) : -1;
    if (index < 0 || !this.host.clientWidth) return;
    this.shown = "";
    if (!this.kind.across) return;
    const begins = index * laid.length, { scrollLeft, clientWidth } = this.host;
    if (begins < scrollLeft || begins + laid.length > scrollLeft + clientWidth)
      this.host.scrollLeft = begins - (clientWidth - laid.length) / 2;
  }

  // ---- choosing

  /** Check or uncheck one photo, or all of them. */
  check(yes, key = "") {
    for (const row of key ? [{ key }] : this.rows) yes ? this.off.delete(row.key) : this.off.add(row.key);
    this.draw();
    this.tell("chosen", { count: this.chosen().length });
  }

  chosen() {
    return this.rows.map((row) => row.key).filter((key) => !this.off.has(key));
  }
}
