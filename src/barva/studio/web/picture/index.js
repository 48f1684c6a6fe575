// The picture: two layers of tiles, marks over them, the tools, and the popover. Plain JavaScript; the page around it
// sets values by `set(name, value)`, calls the methods below, and gets events by `emit(event, data)`.

import { Compare } from "./compare.js";
import { el } from "./dom.js";
import { Files } from "./files.js";
import { clamp, tilesFor } from "./geometry.js";
import { shortcuts } from "./keys.js";
import { Marks } from "./marks.js";
import { Outbox } from "./outbox.js";
import { cleared, paint, paintOverlays } from "./paint.js";
import { Pointer } from "./pointer.js";
import { Target } from "./target.js";
import { layersOf } from "./tiles.js";
import { download, save } from "./uploads.js";
import { Veils } from "./veils.js";
import { View } from "./view.js";
import { Zooms } from "./zooms.js";

/** @typedef {import("./tiles.js").Layer} Layer */

export class Picture {
  /** @param {HTMLElement} stage @param {Words} words @param {Emit} send */
  constructor(stage, words, send) {
    this.stage = stage;
    this.words = words;
    /** @type {Photo | null} */
    this.photo = null;
    /** @type {View | null} */
    this.view = null;
    /** @type {Mark[]} as the page has them */
    this.given = [];
    /** @type {{ photo?: Layer, color?: Layer }} */
    this.layers = {};
    /** @type {Tool} */
    this.tool = "point";
    /** @type {Mode} */
    this.mode = "new";
    /** @type {"after" | "split" | "before"} */
    this.compare = "after";
    this.peeking = this.judging = this.bare = false;
    this.radius = 10; // of a brush, CSS pixels
    this.due = false;
    this.canvas = el("canvas", { class: "b-canvas", "aria-hidden": "true" });
    this.over = el("canvas", { class: "b-canvas", "aria-hidden": "true" });
    stage.append(this.canvas, this.over);
    this.split = new Compare(stage, words, () => this.draw());
    this.emit = /** @type {Emit} */ ((event, data) => this.outbox.emit(event, data));
    this.marks = new Marks(stage, words, {
      open: (mark) => this.target.open(mark),
      moved: (mark, at, final) => this.target.moved(mark, at, final) || this.emit("move", { id: mark.id, at, final }),
      remove: (mark) => this.emit("remove", { id: mark.id }),
    });
    this.target = new Target(this);
    this.popover = this.target.popover;
    this.veils = new Veils(() => this.draw(), (name) => this.emit("not-loaded", { name }));
    this.zooms = new Zooms(stage, words, (what) => this.zoom(what));
    this.files = new Files(words.drop, this.emit);
    this.outbox = new Outbox(words, send, () => this.photo, () => this.remark(), () => this.target.ask());
    this.resizes = new ResizeObserver(() => this.#resized());
    this.resizes.observe(stage);
    this.pointer = new Pointer(this);
    this.endShortcuts = shortcuts((name) => this.#shortcut(name));
    this.say = (/** @type {Event} */ event) => this.emit("say", { text: /** @type {CustomEvent} */ (event).detail });
    window.addEventListener("barva-say", this.say); // from the text box, which lies in the panel
  }

  #resized() {
    if (this.view?.fitted) this.view.fit();
    this.popover.settle();
    this.draw();
  }

  close() {
    this.outbox.close();
    this.endShortcuts();
    window.removeEventListener("barva-say", this.say);
    this.resizes.disconnect();
    this.files.close();
    Object.values(this.layers).forEach((layer) => layer.close());
  }

  // ---- what the page sets

  /** @param {string} name one of the component's properties @param {any} value */
  set(name, value) {
    this.#set(name, value);
    this.draw();
  }

  /** @param {string} name @param {any} value */
  #set(name, value) {
    switch (name) {
      case "photo":
        return this.#setPhoto(value);
      case "version":
        return value && this.layers.color?.show(value);
      case "marks":
        this.given = value ?? [];
        return this.remark();
      case "overlay":
      case "selection":
        return void this.veils.set(name, value);
      case "recent":
        return (this.popover.recent = value ?? []);
      case "redraw":
        return this.popover.offerRedraw(value ?? null);
      case "upload":
        return (this.files.address = value);
      case "films":
        return (this.files.noFilms = value);
      case "tool":
        return this.#use(value);
      case "compare":
        this.compare = value;
        return (this.split.shown = this.photo !== null && value === "split");
      case "mode":
        return (this.mode = value ?? "new"); // the page sets none before somebody chooses
      case "radius":
        return (this.radius = value);
      case "bare":
        return (this.bare = value);
      default:
        throw new Error(`the picture has no property ${name}`);
    }
  }

  /** @param {Photo | null} photo */
  #setPhoto(photo) {
    if (photo?.key === this.photo?.key) return;
    Object.values(this.layers).forEach((layer) => layer.close());
    this.popover.close();
    this.layers = {};
    this.photo = photo ?? null;
    this.view = photo ? new View(this.stage, photo, () => this.draw()) : null;
    this.zooms.show(this.view);
    this.split.shown = this.photo !== null && this.compare === "split";
    if (!photo) return;
    const layers = layersOf(photo, () => this.draw(), () => this.#visibleTiles());
    this.layers = layers;
    layers.photo.show(0);
    if (photo.version) layers.color.show(photo.version); // no change of `version` tells of it where both are the same
    this.view?.fit();
  }

  /** Show the marks, with the one that is being made. */
  remark() {
    const known = this.outbox.applyTo(this.given), pending = this.target.pending(known);
    this.marks.set(pending ? [...known, pending] : known);
  }

  /** A color is chosen and judged: nothing that lies over the photo shall change how it looks. */
  judge() {
    this.judging = true;
    if (this.compare === "before") {
      this.set("compare", "after");
      this.emit("look", { view: "after" });
    }
    this.draw();
  }

  // ---- what the page calls

  /** The server has done the edits of `from` up to number `n`. @param {string} from @param {number} n */
  done(from, n) {
    this.outbox.done(from, n);
  }

  /** The history took a step. */
  stepped() {
    this.target.follow(this.given);
  }

  /** Likely colors of a mark's place. @param {string} id @param {import("./popover.js").Likely[]} colors */
  suggest(id, colors) {
    if (this.target.now?.id === id) this.popover.suggest(colors);
  }

  /** A color's name was understood, or not. @param {string} color @param {string} trouble */
  understood(color, trouble) {
    this.target.understood(color, trouble);
  }

  /** The browser's dialog for files. @param {string} purpose @param {string} accept @param {boolean} multiple */
  open(purpose, accept = "", multiple = true) {
    this.files.ask(purpose, accept, multiple);
  }

  /** @param {string} address */
  async save(address) {
    this.emit("saved", await save(address));
  }

  /** @param {string} address */
  download(address) {
    download(address);
  }

  /** The scene that waits for its photo waits no longer. */
  forget() {
    this.files.forget();
  }

  /** @param {import("./target.js").Selected} object */
  selected(object) {
    this.target.selected(object);
  }

  /** @param {string} id */
  edit(id) {
    const mark = this.given.find((m) => m.id === id);
    if (mark) this.target.open(mark);
  }

  /** @param {import("./zooms.js").Zoom} what @param {MouseEvent} [event] where; otherwise in the middle */
  zoom(what, event) {
    if (!this.view) return;
    if (what === "fit") return this.view.fit();
    const box = this.stage.getBoundingClientRect();
    const factor = { in: 1.4, out: 1 / 1.4, full: 1 / this.view.scale / devicePixelRatio }[what];
    this.view.zoom(factor, event && [event.clientX - box.left, event.clientY - box.top]);
  }

  // ---- keys

  /** @param {string} name */
  #shortcut(name) {
    if (name === "peek" || name === "unpeek") {
      this.peeking = name === "peek";
      this.draw();
    } else if (name.startsWith("zoom:")) this.zoom(/** @type {import("./zooms.js").Zoom} */ (name.slice(5)));
    else if (name === "escape") this.#escape();
    else if (name === "remove") this.target.remove();
    else if (name === "thinner" || name === "wider") {
      this.radius = clamp(this.radius * (name === "wider" ? 1.25 : 0.8), 2, 120);
      this.emit("radius", { radius: Math.round(this.radius) });
      this.draw();
    } else {
      // at once: the next click may come before the server's answer
      if (name.startsWith("tool:") && this.photo) this.#use(/** @type {Tool} */ (name.slice(5)));
      this.emit("shortcut", { name });
    }
  }

  /** @param {Tool} tool */
  #use(tool) {
    if (tool !== this.tool) this.pointer.gesture = null;
    this.tool = this.stage.dataset.tool = tool;
  }

  #escape() {
    if (this.pointer.gesture) this.pointer.gesture = null;
    else if (this.popover.open) this.popover.close();
    else this.emit("shortcut", { name: "escape" });
    this.draw();
  }

  // ---- drawing

  #visibleTiles() {
    const { photo, view } = this;
    return photo && view ? tilesFor(photo, view.seen(), view.scale * devicePixelRatio) : [];
  }

  draw() {
    if (this.due) return;
    this.due = true;
    requestAnimationFrame(() => {
      this.due = false;
      this.#draw();
    });
  }

  #draw() {
    const { photo, view, layers, stage } = this;
    if (!photo || !view) {
      for (const canvas of [this.canvas, this.over]) cleared(canvas, stage);
      return;
    }
    const keys = this.#visibleTiles();
    paint(this, view, keys);
    paintOverlays(this, view);
    this.marks.place(view);
    this.marks.holder.classList.toggle("bm-quiet", this.peeking);
    this.zooms.show(view);
    const box = [view.x, view.y, photo.width * view.scale, photo.height * view.scale].map((v) => v.toFixed(1)).join(" ");
    Object.assign(stage.dataset, { shown: layers.color?.number ?? "", box, tiles: keys.length });
  }
}
