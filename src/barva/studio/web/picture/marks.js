// Marks over the picture: their handles are buttons (mouse, finger, keyboard and screen readers reach them), strokes and
// boxes are lines on a canvas.

import { ink, isHex } from "./color.js";
import { el } from "./dom.js";
import { keepInside, shiftBox, shiftPlace } from "./geometry.js";
import { drawBox, drawLine } from "./lines.js";

/** @typedef {import("./view.js").View} View */
/** @typedef {Mark & { handle: Place }} PlacedMark */
/** @typedef {{ open(mark: Mark): void, moved(mark: PlacedMark, at: Place, final: boolean): void, remove(mark: Mark): void }} Actions */

const MOVABLE = new Set(["point", "stroke", "box"]); // an object lies where its selection does
const LATE = 2000; // milliseconds after which the server's place counts again, though it is not the one that was sent

export class Marks {
  /** @param {HTMLElement} stage @param {Words} words @param {Actions} actions */
  constructor(stage, words, actions) {
    this.actions = actions;
    /** @type {Mark[]} */
    this.list = [];
    /** @type {string | null} id of the selected mark */
    this.selected = null;
    /** @type {View | null} */
    this.view = null;
    /** @type {Map<string, Handle>} by id */
    this.handles = new Map();
    this.holder = el("div", { class: "bm", role: "group", "aria-label": words.points });
    stage.append(this.holder);
  }

  /** @param {Mark[]} list */
  set(list) {
    this.list = list;
    const placed = list.filter(isPlaced), ids = new Set(placed.map((mark) => mark.id));
    for (const [id, handle] of this.handles) {
      if (ids.has(id)) continue;
      handle.button.remove();
      this.handles.delete(id);
    }
    for (const mark of placed) {
      const handle = this.handles.get(mark.id);
      if (handle) handle.set(mark);
      else this.handles.set(mark.id, new Handle(this, mark));
    }
  }

  /** Put the handles where the view has their places. @param {View} view */
  place(view) {
    this.view = view;
    for (const { button, at, mark } of this.handles.values()) {
      const [x, y] = view.toStage(at);
      button.style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)`;
      button.classList.toggle("bm-selected", mark.id === this.selected);
    }
  }

  /** Draw strokes and boxes into `c`, whose units are CSS pixels. @param {CanvasRenderingContext2D} c @param {View} view */
  draw(c, view) {
    for (const mark of this.list) {
      if (mark.off || !isPlaced(mark)) continue;
      // while a mark is dragged its lines go with the handle
      const at = this.handles.get(mark.id)?.at ?? mark.handle, strong = mark.id === this.selected;
      /** @type {Place} */
      const by = [at[0] - mark.handle[0], at[1] - mark.handle[1]];
      if (mark.kind === "stroke" && mark.along) drawLine(c, view, mark.along.map((place) => shiftPlace(place, by)), mark.color, strong);
      if (mark.kind === "box" && mark.box) drawBox(c, view, shiftBox(mark.box, by), mark.color, strong);
    }
  }
}

/** @param {Mark} mark @returns {mark is PlacedMark} */
const isPlaced = (mark) => mark.handle !== null;

/** The button of one mark. */
class Handle {
  /** @param {Marks} marks @param {PlacedMark} mark */
  constructor(marks, mark) {
    this.marks = marks;
    this.mark = mark;
    this.at = mark.handle;
    /** @type {Place | null} where it was moved to, until the server's mark is there too */
    this.sent = null;
    this.dragged = this.quiet = false;
    this.held = false; // an arrow key, and where it moved the mark to since is not final
    this.button = el("button", { type: "button", class: "bm-point", "data-own": true, "data-mark": mark.id });
    this.#listen();
    marks.holder.append(this.button);
    this.set(mark);
  }

  /** @param {PlacedMark} mark */
  set(mark) {
    const { button } = this;
    // answers to earlier steps of a move that goes on are not followed
    if (this.sent && Math.hypot(this.sent[0] - mark.handle[0], this.sent[1] - mark.handle[1]) < 0.1) this.sent = null;
    if (!this.dragged && !this.sent) this.at = mark.handle;
    this.mark = mark;
    button.className = `bm-point bm-${mark.kind}`;
    button.style.background = mark.color || "#888";
    button.style.color = ink(isHex(mark.color) ? mark.color : "#888888");
    button.setAttribute("aria-label", mark.label);
    button.title = mark.label;
    button.hidden = mark.off === true;
  }

  #listen() {
    const { button, marks } = this;
    /** @type {{ x: number, y: number, at: Place } | null} */
    let start = null;
    button.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      event.stopPropagation();
      button.setPointerCapture(event.pointerId);
      start = { x: event.clientX, y: event.clientY, at: this.at };
    });
    button.addEventListener("pointermove", (event) => {
      if (!start || !marks.view || !MOVABLE.has(this.mark.kind)) return;
      const dx = event.clientX - start.x, dy = event.clientY - start.y, { scale } = marks.view;
      if (!this.dragged && Math.hypot(dx, dy) < 4) return;
      this.dragged = true;
      this.#move(marks.view, shiftPlace(start.at, [dx / scale, dy / scale]), false);
    });
    /** @param {boolean} kept else it goes back to where it was; the server is told that too, for it has followed the drag */
    const end = (kept) => {
      const from = start, { dragged } = this;
      start = null;
      this.dragged = false;
      if (!from || !dragged || !marks.view) return;
      if (kept) this.#move(marks.view, this.at, true);
      else this.#put(marks.view, from.at, true);
      this.quiet = true; // the click that follows is the end of the drag
      setTimeout(() => (this.quiet = false), 50);
    };
    button.addEventListener("pointerup", () => end(true));
    for (const name of ["pointercancel", "lostpointercapture"]) button.addEventListener(name, () => end(false));
    button.addEventListener("click", () => this.quiet || marks.actions.open(this.mark));
    button.addEventListener("keydown", (event) => this.#key(event));
    for (const name of ["keyup", "blur"])
      button.addEventListener(name, () => {
        if (this.held && marks.view) this.#move(marks.view, this.at, true);
        this.held = false;
      });
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const { view } = this.marks;
    if (!view) return;
    const step = (event.shiftKey ? 10 : 1) / Math.min(1, view.scale);
    /** @type {Record<string, Place>} */
    const ways = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
    const way = ways[event.key];
    if (way && MOVABLE.has(this.mark.kind)) {
      this.held = event.repeat;
      this.#move(view, shiftPlace(this.at, way), !event.repeat);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      this.held = false;
      this.marks.actions.remove(this.mark);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Move the mark by its handle, as far as all of it stays on the photo; a final move is a step of the history.
   * @param {View} view @param {Place} to @param {boolean} final */
  #move(view, to, final) {
    const { handle, along, box } = this.mark;
    /** @type {Place[]} */
    const corners = box ? [[box[0], box[1]], [box[2] - 1, box[3] - 1]] : (along ?? [handle]);
    this.#put(view, keepInside(to, handle, corners, view.photo), final);
  }

  /** @param {View} view @param {Place} to @param {boolean} final */
  #put(view, to, final) {
    this.at = this.sent = to;
    clearTimeout(this.late);
    this.late = setTimeout(() => (this.sent = null), LATE);
    this.marks.place(view);
    this.marks.actions.moved(this.mark, this.at, final);
  }
}
