// The picture: two layers of tiles, marks over them, the tools, and the popover. Plain JavaScript; the page around it
// speaks to it through `set(name, value)` and `call(name, ...)`, and hears `tell(event, data)`.

import { aimed } from "./aim.js";
import { Compare } from "./compare.js";
import { hex, rgbToLab } from "./color.js";
import { el } from "./dom.js";
import { sample, waitForPick } from "./dropper.js";
import { Files } from "./files.js";
import { shortcuts } from "./keys.js";
import { Marks } from "./marks.js";
import { cleared, overlays, paint } from "./paint.js";
import { Popover } from "./popover.js";
import { Layer, needed } from "./tiles.js";
import { Gesture } from "./tools.js";
import { View, gestures } from "./view.js";
import { Zooms } from "./zooms.js";

const DRAWING = ["point", "stroke", "box", "grow", "lasso", "brush"];
const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(6)), (v) => v.toString(16).padStart(2, "0")).join("");

export class Picture {
  constructor(stage, words, tell) {
    Object.assign(this, { stage, words, tell });
    this.photo = this.view = this.gesture = this.target = this.dropping = this.cursor = null;
    this.layers = {};
    this.pictures = {}; // overlay and selection: bitmaps over the whole photo
    this.tool = "point";
    this.mode = "new";
    this.compare = "after";
    this.peeking = false;
    this.radius = 10;
    this.#build();
    this.#listen();
  }

  #build() {
    const { stage, words } = this;
    this.canvas = el("canvas", { class: "b-canvas", "aria-hidden": "true" });
    this.over = el("canvas", { class: "b-canvas", "aria-hidden": "true" });
    stage.append(this.canvas, this.over);
    this.split = new Compare(stage, words, () => this.draw());
    this.marks = new Marks(stage, words, {
      open: (mark) => this.#open(mark),
      moved: (mark, at, final) => this.tell("move", { id: mark.id, at, final }),
      remove: (mark) => this.tell("remove", { id: mark.id }),
    });
    this.popover = new Popover(stage, words, {
      choose: (color, final) => this.#choose(color, final),
      named: (text) => this.tell("named", { text }),
      name: (text) => this.target && this.tell("rename", { id: this.target.id, text }),
      remove: () => this.#remove(),
      drop: () => this.#drop(true),
      closed: () => this.#untarget(),
    });
    this.zooms = new Zooms(stage, words, (what) => this.zoom(what));
    this.veil = el("div", { class: "b-veil", hidden: true }, el("p", { text: words.drop }));
    document.body.append(this.veil);
    this.files = new Files(this.veil, this.tell);
  }

  #listen() {
    this.ends = [shortcuts((name, event) => this.#shortcut(name, event))];
    this.resizes = new ResizeObserver(() => {
      if (this.view?.fitted) this.view.fit();
      this.draw();
    });
    this.resizes.observe(this.stage);
    gestures(this.stage, {
      view: () => this.view,
      begin: (place, event) => this.#begin(place, event),
      move: (place) => this.#move(place),
      end: (place, event, clicked) => this.#end(clicked),
      cancel: () => ((this.gesture = null), this.draw()),
      hover: (place) => this.#hover(place),
    });
    this.stage.addEventListener("dblclick", (event) => {
      if (this.tool === "hand" && !event.target.closest("[data-own]")) this.zoom(this.view?.fitted ? "full" : "fit", event);
    });
    this.stage.addEventListener("keydown", (event) => event.target === this.stage && this.#arrows(event));
    this.stage.addEventListener("keydown", (event) => event.key === " " && event.target === this.stage && (this.held = true));
    this.stage.addEventListener("keyup", (event) => event.key === " " && (this.held = false));
    this.stage.addEventListener("pointerleave", () => this.#hover(null));
    this.stage.addEventListener("blur", () => ((this.cursor = null), this.draw()));
  }

  close() {
    this.ends.forEach((end) => end());
    this.resizes.disconnect();
    this.veil.remove();
    this.files.close();
    Object.values(this.layers).forEach((layer) => layer.close());
  }

  // ---- what the page sets

  set(name, value) {
    if (name === "photo") this.#setPhoto(value);
    else if (name === "version") value && this.layers.color?.show(value);
    else if (name === "marks") this.#setMarks(value ?? []);
    else if (name === "overlay" || name === "selection") this.#setPicture(name, value);
    else if (name === "recent") this.popover.recent = value ?? [];
    else if (name === "upload") this.files.address = value;
    else this[name] = value;
    if (name === "tool") {
      this.stage.dataset.tool = value;
      this.gesture = null;
    }
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
    for (const [name, whole, tiles] of [["photo", "light", "light"], ["color", "preview", "color"]]) {
      const address = (version, what) => `${photo.address}/${what === "base" ? whole : `tiles/${tiles}/${what}`}?of=${version}`;
      this.layers[name] = new Layer(photo, address, () => this.draw());
      this.layers[name].visible = () => this.#needed();
    }
    this.layers.photo.show(0);
    this.view.fit();
  }

  #setMarks(list) {
    this.given = list;
    const pending = this.target && !list.some((m) => m.id === this.target.id) && this.target.kind !== "region" ? [this.#pending()] : [];
    this.marks.set([...list, ...pending]);
  }

  #pending() {
    const { id, kind, at, along, box } = this.target;
    const handle = at ?? along?.at(-1) ?? (box && [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2]);
    return { ...this.target, handle, id, kind, color: this.target.color ?? "", label: this.words.pending };
  }

  async #setPicture(name, address) {
    this.wanted = { ...this.wanted, [name]: address };
    if (!address) this.pictures[name] = null;
    else {
      const answer = await fetch(address).catch(() => null);
      if (!answer?.ok || this.wanted[name] !== address) return;
      this.pictures[name] = await createImageBitmap(await answer.blob());
    }
    this.draw();
  }

  // ---- what the page calls

  call(name, ...args) {
    return this[name](...args);
  }

  suggest(id, colors) {
    if (this.target?.id === id) this.popover.suggest(colors);
  }

  /** A colour's name was understood, or not. */
  understood(color, trouble) {
    if (color) this.popover.pick(color);
    else this.popover.say(trouble);
  }

  open(purpose, accept, multiple) {
    this.files.ask(purpose, accept, multiple);
  }

  /** An object was selected: its popover. */
  selected(object) {
    this.target = { ...object, kind: "region" };
    this.marks.selected = object.id;
    this.#show(object.at, object.color, this.words.object, object.kept, object.name ?? "");
    this.tell("spot", { at: object.at, id: object.id });
  }

  edit(id) {
    const mark = this.given?.find((m) => m.id === id);
    if (mark) this.#open(mark);
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
    if (this.dropping) {
      this.#took(sample(this.layers.color, this.photo, ...this.view.toPhoto(...place)));
      return "nothing";
    }
    const on = this.view.toPhoto(...place);
    if (this.tool === "hand" || this.held || !DRAWING.includes(this.tool)) return "pan";
    if (!this.view.covers(on)) {
      this.popover.close();
      return "pan";
    }
    const mode = event.shiftKey ? "add" : event.altKey ? "cut" : this.mode;
    this.gesture = new Gesture(this.tool, on, this.view, mode);
    return "draw";
  }

  #move(place) {
    this.gesture?.move(this.view.toPhoto(...place));
    this.draw();
  }

  #end(clicked) {
    const gesture = this.gesture;
    this.gesture = null;
    const made = gesture?.end(clicked, this.radius);
    if (!made) return this.draw();
    if (made.kind === "region") {
      this.tell("region", made);
      return;
    }
    this.popover.close();
    this.target = { ...made, id: newId() };
    const last = made.at ?? made.along?.at(-1) ?? [made.box[2], (made.box[1] + made.box[3]) / 2];
    const middle = made.box ? [(made.box[0] + made.box[2]) / 2, (made.box[1] + made.box[3]) / 2] : last;
    this.marks.selected = this.target.id;
    this.#setMarks(this.given ?? []);
    this.#show(last, null, this.words[made.kind], false, undefined, middle);
    this.tell("spot", { at: middle, id: this.target.id });
  }

  #hover(place) {
    this.pointer = place;
    if (this.tool === "brush" || this.tool === "stroke") this.draw();
  }

  // ---- the popover's target

  #open(mark) {
    this.popover.close();
    this.target = { ...mark, kind: mark.kind === "object" ? "region" : mark.kind };
    this.marks.selected = mark.id;
    this.#show(mark.handle, mark.color, mark.title ?? this.words[mark.kind], true, mark.kind === "object" ? mark.name : undefined);
    this.tell("spot", { at: mark.handle, id: mark.id });
    this.tell("select", { id: mark.id });
  }

  #show(at, color, title, removable, name, lit = at) {
    this.popover.show({ at: this.view.toStage(...at), light: this.#light(lit), color, title, removable, name });
    this.#uncover(at);
    this.draw();
  }

  /** On a phone the popover is a sheet: the place moves to where it is seen. */
  #uncover(at) {
    const sheet = this.popover.element, stage = this.stage.getBoundingClientRect();
    if (getComputedStyle(sheet).position !== "fixed") return;
    const free = sheet.getBoundingClientRect().top - stage.top;
    const [, y] = this.view.toStage(...at);
    if (y < free - 40) return;
    this.uncovered = this.view.fitted;
    this.view.pan(0, free / 2 - y);
  }

  #choose(color, final) {
    if (!this.target) return;
    this.target.color = color;
    const { id, kind, at, along, width, box } = this.target;
    this.#setMarks(this.given ?? []);
    this.tell("mark", { id, kind, at, along, width, box, color, final, origin: this.origin ?? "user" });
  }

  #remove() {
    const id = this.target?.id;
    this.popover.close();
    if (id) this.tell("remove", { id });
  }

  #untarget() {
    const left = this.target;
    if (this.uncovered) this.view?.fit();
    this.uncovered = false;
    this.target = null;
    this.marks.selected = null;
    this.#drop(false);
    this.#setMarks(this.given ?? []);
    this.tell("untarget", { id: left?.id });
    this.draw();
  }

  #drop(on) {
    this.dropping = on;
    document.body.classList.toggle("b-dropping", on);
    this.waiting?.();
    this.waiting = on ? waitForPick((rgb) => this.#took(rgb, "reference")) : null;
  }

  #took(rgb, origin = "user") {
    this.#drop(false);
    this.origin = origin;
    this.popover.pick(hex(rgb));
    this.origin = "user";
  }

  /** L of the photo at a place. */
  #light([x, y]) {
    return rgbToLab(sample(this.layers.photo, this.photo, x, y))[0] || 50;
  }

  // ---- keys

  #shortcut(name, event) {
    if (name === "peek" || name === "unpeek") {
      this.peeking = name === "peek";
      this.draw();
    } else if (name.startsWith("zoom:")) this.zoom(name.slice(5));
    else if (name === "escape") this.#escape();
    else if (name === "remove") this.marks.selected && this.tell("remove", { id: this.marks.selected });
    else if (name === "thinner" || name === "wider") {
      this.radius = Math.max(2, Math.min(120, this.radius * (name === "wider" ? 1.25 : 0.8)));
      this.tell("radius", { radius: Math.round(this.radius) });
      this.draw();
    } else this.tell("shortcut", { name });
  }

  #escape() {
    this.gesture = null;
    if (this.popover.open) this.popover.close();
    else this.tell("shortcut", { name: "escape" });
    this.draw();
  }

  #arrows(event) {
    if (this.view && aimed(this, event, (at) => this.#begin(at, event) === "draw" && this.#end(true))) this.draw();
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
    Object.assign(this.stage.dataset, { shown: layers.color?.number ?? "", zoom: view.scale.toFixed(4), tiles: keys.length });
  }
}
