// The picture: two layers of tiles, marks over them, the tools, and the popover. Plain JavaScript; the page around it
// speaks to it through `set(name, value)` and by the methods below, and hears `tell(event, data)`.

import { aimed } from "./aim.js";
import { Compare } from "./compare.js";
import { el } from "./dom.js";
import { download, Files, save } from "./files.js";
import { shortcuts } from "./keys.js";
import { Marks } from "./marks.js";
import { Outbox } from "./outbox.js";
import { cleared, overlays, paint } from "./paint.js";
import { Target } from "./target.js";
import { layered, needed } from "./tiles.js";
import { Gesture } from "./tools.js";
import { Veils } from "./veils.js";
import { View, gestures } from "./view.js";
import { Zooms } from "./zooms.js";

const DRAWING = ["point", "stroke", "box", "grow", "lasso", "brush"];
const SELECTING = ["grow", "lasso", "brush"];
const DRAGGED = ["stroke", "box", "lasso", "brush"];

export class Picture {
  constructor(stage, words, tell) {
    Object.assign(this, { stage, words });
    this.tell = (event, data) => this.outbox.tell(event, data);
    this.photo = this.view = this.gesture = this.cursor = null;
    this.given = []; // marks, as the page has them
    this.layers = {};
    this.tool = "point";
    this.mode = "new";
    this.compare = "after";
    this.peeking = this.judging = this.bare = false;
    this.radius = 10;
    this.#build();
    this.outbox = new Outbox(words, tell, () => this.photo?.key, () => this.remark(), () => this.target.ask());
    this.#listen();
  }

  #build() {
    const { stage, words } = this;
    this.canvas = el("canvas", { class: "b-canvas", "aria-hidden": "true" });
    this.over = el("canvas", { class: "b-canvas", "aria-hidden": "true" });
    stage.append(this.canvas, this.over);
    this.split = new Compare(stage, words, () => this.draw());
    this.marks = new Marks(stage, words, {
      open: (mark) => this.target.open(mark),
      moved: (mark, at, final) => this.target.moved(mark, at, final) || this.tell("move", { id: mark.id, at, final }),
      remove: (mark) => this.tell("remove", { id: mark.id }),
    });
    this.target = new Target(this);
    this.popover = this.target.popover;
    this.veils = new Veils(() => this.draw(), (name) => this.tell("untold", { name }));
    this.zooms = new Zooms(stage, words, (what) => this.zoom(what));
    this.files = new Files(words.drop, this.tell);
  }

  #listen() {
    this.ends = [shortcuts((name, event) => this.#shortcut(name, event))];
    this.resizes = new ResizeObserver(() => {
      if (this.view?.fitted) this.view.fit();
      this.popover.settle();
      this.draw();
    });
    this.resizes.observe(this.stage);
    gestures(this.stage, {
      view: () => this.view,
      begin: (place, event) => this.#begin(place, event),
      move: (place) => this.#move(place),
      end: (place, event, clicked) => this.#end(clicked),
      cancel: () => ((this.gesture = null), (this.closing = false), this.draw()),
      hover: (place, event) => this.#hover(place, event),
    });
    this.stage.addEventListener("dblclick", (event) => {
      if (this.tool === "hand" && !event.target.closest("[data-own]")) this.zoom(this.view?.fitted ? "full" : "fit", event);
    });
    this.stage.addEventListener("keydown", (event) => {
      if (event.target !== this.stage) return;
      if (event.key === " ") this.held = true;
      this.#framed(true);
      this.#arrows(event);
    });
    this.stage.addEventListener("pointerdown", () => this.#framed(false), { capture: true });
    this.stage.addEventListener("keyup", (event) => event.key === " " && (this.held = false));
    this.stage.addEventListener("pointerleave", () => this.#hover(null));
    this.stage.addEventListener("blur", () => {
      if (this.cursor) this.cursor = this.gesture = null; // what keys were drawing
      this.stage.classList.remove("b-unframed");
      this.draw();
    });
  }

  /** Whether the stage is worked with keys: then it has a frame where it has the keyboard. */
  #framed(keys) {
    this.stage.dataset.keys = keys ? "yes" : "";
    if (keys) this.stage.classList.remove("b-unframed");
  }

  close() {
    this.outbox.close();
    this.ends.forEach((end) => end());
    this.resizes.disconnect();
    this.files.close();
    Object.values(this.layers).forEach((layer) => layer.close());
  }

  // ---- what the page sets

  set(name, value) {
    if (name === "photo") this.#setPhoto(value);
    else if (name === "version") value && this.layers.color?.show(value);
    else if (name === "marks") {
      this.given = value ?? [];
      this.remark();
    } else if (name === "overlay" || name === "selection") this.veils.set(name, value);
    else if (name === "recent") this.popover.recent = value ?? [];
    else if (name === "upload") this.files.address = value;
    else if (name === "tool") this.#use(value);
    else this[name] = value;
    if (name === "compare") this.split.shown = Boolean(this.photo) && value === "split";
    this.draw();
  }

  #setPhoto(photo) {
    if (photo?.key === this.photo?.key) return;
    Object.values(this.layers).forEach((layer) => layer.close());
    this.popover.close();
    this.layers = {};
    this.photo = photo;
    this.view = photo && new View(this.stage, photo, () => this.draw());
    this.zooms.show(this.view);
    this.split.shown = Boolean(photo) && this.compare === "split";
    if (!photo) return;
    this.layers = layered(photo, () => this.draw(), () => this.#needed());
    this.layers.photo.show(0);
    if (photo.version) this.layers.color.show(photo.version); // no change of `version` tells of it where both are the same
    this.view.fit();
  }

  /** Show the marks, with the one that is being made. */
  remark() {
    const known = this.outbox.over(this.given);
    this.marks.set([...known, this.target.pending(known)].filter(Boolean));
  }

  /** A colour is chosen and judged: nothing that lies over the photo shall change how it looks. */
  judge() {
    this.judging = true;
    if (this.compare === "before") {
      this.set("compare", "after");
      this.tell("look", { view: "after" });
    }
    this.draw();
  }

  // ---- what the page calls

  /** The server has done the edits of `from` up to number `n`. */
  done(from, n) {
    this.outbox.done(from, n);
  }

  /** The history took a step. */
  stepped() {
    this.target.follow(this.given);
  }

  suggest(id, colors) {
    if (this.target.now?.id === id) this.popover.suggest(colors);
  }

  /** A colour's name was understood, or not. */
  understood(color, trouble) {
    if (color) this.popover.pick(color);
    else this.popover.say(trouble);
  }

  open(purpose, accept, multiple) {
    this.files.ask(purpose, accept, multiple);
  }

  async save(address) {
    this.tell("saved", await save(address));
  }

  download(address) {
    download(address);
  }

  /** The scene that waits for its photo waits no longer. */
  forget() {
    this.files.forget();
  }

  selected(object) {
    this.target.selected(object);
  }

  edit(id) {
    const mark = this.given.find((m) => m.id === id);
    if (mark) this.target.open(mark);
  }

  zoom(what, event) {
    if (!this.view) return;
    const box = this.stage.getBoundingClientRect();
    const at = event ? [event.clientX - box.left, event.clientY - box.top] : [];
    if (what === "fit") this.view.fit();
    else this.view.zoom({ in: 1.4, out: 1 / 1.4, full: 1 / this.view.scale / devicePixelRatio }[what], ...at);
  }

  // ---- gestures

  #begin(place, event) {
    this.cursor = null;
    const on = this.view.toPhoto(...place);
    if (this.target.dropping) {
      this.target.take(on);
      return "nothing";
    }
    if (this.tool === "hand" || this.held || !DRAWING.includes(this.tool)) return "pan";
    if (!this.view.covers(on)) {
      this.popover.close();
      return "pan";
    }
    const mode = event.shiftKey ? "add" : event.altKey ? "cut" : this.mode;
    const corrects = this.target.now?.kind === "region" && (this.tool === "brush" || (SELECTING.includes(this.tool) && mode !== "new"));
    this.closing = this.popover.open && event.type === "pointerdown" && !corrects;
    this.gesture = new Gesture(this.tool, on, this.view, mode);
    return "draw";
  }

  #move(place) {
    if (this.closing && DRAGGED.includes(this.tool)) {
      this.closing = false; // this is no click beside the popover: something is drawn
      this.popover.close();
    }
    this.gesture?.move(this.view.toPhoto(...place));
    this.draw();
  }

  #end(clicked) {
    const gesture = this.gesture;
    this.gesture = null;
    if (this.closing) {
      this.closing = false;
      return this.popover.close();
    }
    const made = gesture?.end(clicked, this.radius);
    if (!made) return this.draw();
    if (made.kind === "region") this.tell("region", made);
    else this.target.begin(made);
  }

  #hover(place, event) {
    this.pointer = place;
    if (this.judging && event && !event.target.closest(".bp")) {
      this.judging = false;
      this.draw();
    }
    if (this.tool === "brush" || this.tool === "stroke") this.draw();
  }

  // ---- keys

  #shortcut(name, event) {
    if (name === "peek" || name === "unpeek") {
      this.peeking = name === "peek";
      this.draw();
    } else if (name.startsWith("zoom:")) this.zoom(name.slice(5));
    else if (name === "escape") this.#escape();
    else if (name === "remove") this.target.remove();
    else if (name === "thinner" || name === "wider") {
      this.radius = Math.max(2, Math.min(120, this.radius * (name === "wider" ? 1.25 : 0.8)));
      this.tell("radius", { radius: Math.round(this.radius) });
      this.draw();
    } else {
      if (name.startsWith("tool:") && this.photo) this.#use(name.slice(5)); // at once: the next click may be there before the server
      this.tell("shortcut", { name });
    }
  }

  #use(tool) {
    if (tool !== this.tool) this.gesture = null;
    this.tool = this.stage.dataset.tool = tool;
  }

  #escape() {
    if (this.gesture) this.gesture = null;
    else if (this.popover.open) this.popover.close();
    else this.tell("shortcut", { name: "escape" });
    this.draw();
  }

  #arrows(event) {
    const hands = { begin: (at) => this.#begin(at, event) === "draw", move: (at) => this.#move(at), end: () => this.#end(false) };
    if (this.view && aimed(this, event, hands)) this.draw();
  }

  // ---- drawing

  #needed() {
    return this.view ? needed(this.photo, this.view.seen(), this.view.scale * devicePixelRatio) : [];
  }

  draw() {
    if (this.due) return;
    this.due = true;
    requestAnimationFrame(() => ((this.due = false), this.#draw()));
  }

  #draw() {
    if (!this.photo) return void [this.canvas, this.over].forEach((canvas) => cleared(canvas, this.stage));
    const keys = this.#needed();
    paint(this, keys);
    overlays(this);
    this.marks.place(this.view);
    this.marks.holder.classList.toggle("bm-quiet", this.peeking);
    this.zooms.show(this.view);
    const { view, layers } = this;
    const box = [view.x, view.y, this.photo.width * view.scale, this.photo.height * view.scale].map((v) => v.toFixed(1)).join(" ");
    Object.assign(this.stage.dataset, { shown: layers.color?.number ?? "", box, tiles: keys.length });
  }
}
