// Marks over the picture: points are buttons (mouse, finger, keyboard and screen readers reach them), strokes, boxes and
// what is being drawn are lines on a canvas.

import { ink } from "./color.js";
import { el } from "./dom.js";

const MOVABLE = new Set(["point", "stroke", "box"]); // an object lies where its selection does

export class Marks {
  /** `hands` = { open(mark), moved(mark, at, final), remove(mark) }; `words` are labels. */
  constructor(stage, words, hands) {
    Object.assign(this, { words, hands });
    this.list = [];
    this.selected = null;
    this.buttons = new Map();
    this.holder = el("div", { class: "bm", role: "group", "aria-label": words.points });
    stage.append(this.holder);
  }

  set(list) {
    this.list = list;
    const handles = list.filter((m) => m.handle);
    const ids = new Set(handles.map((m) => m.id));
    for (const [id, button] of this.buttons) if (!ids.has(id)) button.remove(), this.buttons.delete(id);
    for (const mark of handles) {
      let button = this.buttons.get(mark.id);
      if (!button) this.buttons.set(mark.id, (button = this.#button(mark.id)));
      // answers to earlier steps of a move that goes on are not followed
      if (button.sent && Math.hypot(button.sent[0] - mark.handle[0], button.sent[1] - mark.handle[1]) < 0.1) button.sent = null;
      if (!button.dragged && !button.sent) button.place = mark.handle;
      button.mark = mark;
      button.className = `bm-point bm-${mark.kind}`;
      button.style.background = mark.color || "#888";
      button.style.color = ink(/^#/.test(mark.color) ? mark.color : "#888888");
      button.setAttribute("aria-label", mark.label);
      button.title = mark.label;
      button.hidden = mark.off === true;
    }
  }

  #button(id) {
    const button = el("button", { type: "button", class: "bm-point", "data-own": true, "data-mark": id });
    let start = null;
    button.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      event.stopPropagation();
      button.setPointerCapture(event.pointerId);
      start = { x: event.clientX, y: event.clientY, place: button.place };
    });
    button.addEventListener("pointermove", (event) => {
      if (!start || !MOVABLE.has(button.mark.kind)) return;
      const dx = event.clientX - start.x, dy = event.clientY - start.y;
      if (!button.dragged && Math.hypot(dx, dy) < 4) return;
      button.dragged = true;
      this.#move(button, start.place[0] + dx / this.view.scale, start.place[1] + dy / this.view.scale, false);
    });
    button.addEventListener("pointerup", () => {
      if (start && button.dragged) {
        this.#move(button, ...button.place, true);
        button.quiet = true; // the click that follows is the end of the drag
        setTimeout(() => (button.quiet = false), 50);
      }
      button.dragged = false;
      start = null;
    });
    button.addEventListener("click", () => button.quiet || this.hands.open(button.mark));
    button.addEventListener("keydown", (event) => this.#key(event, button));
    this.holder.append(button);
    return button;
  }

  #key(event, button) {
    const step = (event.shiftKey ? 10 : 1) / Math.min(1, this.view.scale);
    const move = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key];
    if (move && MOVABLE.has(button.mark.kind)) {
      this.#move(button, button.place[0] + move[0], button.place[1] + move[1], true);
    } else if (event.key === "Delete" || event.key === "Backspace") this.hands.remove(button.mark);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Move a mark by its handle, as far as all of it stays on the photo; a final move is a step of the history. */
  #move(button, x, y, final) {
    const { handle, along, box } = button.mark, { width, height } = this.view.photo;
    const corners = box ? [[box[0], box[1]], [box[2] - 1, box[3] - 1]] : along ?? [handle];
    const kept = (to, i, most) => {
      const own = corners.map((corner) => corner[i] - handle[i]);
      return Math.round(10 * Math.max(-Math.min(...own), Math.min(most - 1 - Math.max(...own), to))) / 10;
    };
    button.place = [kept(x, 0, width), kept(y, 1, height)];
    button.sent = button.place;
    clearTimeout(button.late);
    button.late = setTimeout(() => (button.sent = null), 2000);
    this.place(this.view);
    this.hands.moved(button.mark, button.place, final);
  }

  /** Put the buttons where the view has their places. */
  place(view) {
    this.view = view;
    for (const button of this.buttons.values()) {
      const [x, y] = view.toStage(...button.place);
      button.style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)`;
      button.classList.toggle("bm-selected", button.mark.id === this.selected);
    }
  }

  /** Draw strokes and boxes into `c`, whose units are CSS pixels. */
  draw(c, view) {
    for (const mark of this.list) {
      if (mark.off) continue;
      // while a mark is dragged its lines go with the handle
      const place = this.buttons.get(mark.id)?.place ?? mark.handle, [dx, dy] = [place[0] - mark.handle[0], place[1] - mark.handle[1]];
      const strong = mark.id === this.selected;
      if (mark.kind === "stroke") trace(c, view, mark.along.map(([x, y]) => [x + dx, y + dy]), mark.color, strong);
      if (mark.kind === "box") frame(c, view, mark.box.map((v, i) => v + (i % 2 ? dy : dx)), mark.color, strong);
    }
  }
}

/** A line through places of the photo: dark and light around its colour, so that it is seen on anything. */
export function trace(c, view, places, color, strong = false) {
  if (!places.length) return;
  c.beginPath();
  for (const [i, place] of places.entries()) c[i ? "lineTo" : "moveTo"](...view.toStage(...place));
  if (places.length === 1) c.lineTo(...view.toStage(places[0][0] + 0.01, places[0][1]));
  edged(c, color, strong);
}

export function frame(c, view, [left, top, right, bottom], color, strong = false) {
  const [x, y] = view.toStage(left, top), [x2, y2] = view.toStage(right, bottom);
  c.beginPath();
  c.rect(x, y, x2 - x, y2 - y);
  edged(c, color, strong);
}

function edged(c, color, strong) {
  c.lineCap = c.lineJoin = "round";
  for (const [width, style] of [[strong ? 7 : 5, "rgba(0,0,0,.35)"], [strong ? 5 : 4, "#fff"], [strong ? 3 : 2, color || "#888"]]) {
    c.lineWidth = width;
    c.strokeStyle = style;
    c.stroke();
  }
}
