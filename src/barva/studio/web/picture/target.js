// What the popover is about: a mark or an object, new or not. It lives from a click until the popover closes.

import { rgbToHex, rgbToLab } from "./color.js";
import { sample, waitForPick } from "./dropper.js";
import { boxAround, center, round, shiftBox, shiftPlace } from "./geometry.js";
import { Popover } from "./popover.js";

const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(6)), (v) => v.toString(16).padStart(2, "0")).join("");

/** @typedef {{ id: string, kind: string, color?: string, at?: Place, along?: Place[], box?: Box, width?: number }} Subject */
/** @typedef {import("./view.js").View} View */
/** @typedef {{ id: string, at: Place, box: Box, color: string, kept: boolean, name?: string }} Selected */

export class Target {
  /** @param {import("./index.js").Picture} picture */
  constructor(picture) {
    this.picture = picture;
    /** @type {Subject | null} */
    this.now = null;
    /** @type {Subject | null} what a color is for whose name the server was asked for */
    this.named = null;
    /** @type {Place | null} whose likely colors were asked for */
    this.asked = null;
    this.dropping = this.uncovered = false;
    /** @type {(() => void) | null} ends the waiting for the dropper */
    this.endDrop = null;
    this.popover = new Popover(picture.stage, picture.words, {
      choose: (color, final, origin) => this.#choose(color, final, origin),
      chooseNamed: (text) => this.#chooseNamed(text),
      rename: (text) => this.now && picture.emit("rename", { id: this.now.id, text }),
      remove: () => this.remove(),
      redraw: () => picture.emit("redraw"),
      drop: () => this.drop(true),
      closed: () => this.#leave(),
    });
  }

  /** A gesture drew a mark, which has no color yet. @param {Exclude<Shape, { kind: "region" }>} shape */
  begin(shape) {
    this.popover.close();
    this.now = { ...shape, id: newId() };
    const place = endOf(shape), lightAt = shape.kind === "box" ? center(shape.box) : place;
    this.#show(place, null, this.picture.words[shape.kind], false, undefined, lightAt);
    this.ask(lightAt);
  }

  /** A mark that has been drawn before is edited. @param {Mark} mark */
  open(mark) {
    const { picture } = this, object = mark.kind === "object";
    if (!mark.handle) return;
    this.popover.close();
    this.now = { ...mark, kind: object ? "region" : mark.kind };
    this.#show(mark.handle, mark.color, mark.title ?? picture.words[mark.kind], true, object ? mark.name : undefined);
    this.ask(mark.handle);
    picture.emit("select", { id: mark.id });
  }

  /** An object was selected. @param {Selected} object */
  selected(object) {
    this.now = { ...object, kind: "region" };
    this.#show(object.at, object.color, this.picture.words.object, object.kept, object.name ?? "");
    this.ask(object.at);
  }

  /** Ask for the likely colors of a place, or again for those that never came. @param {Place | null} at */
  ask(at = null) {
    if (!this.now || (!at && !this.popover.waiting)) return;
    this.asked = at ?? this.asked;
    this.picture.emit("spot", { at: this.asked, id: this.now.id });
  }

  /** The mark that is being made was dragged before it had a color: its light and its likely colors are those of the
   * new place. Returns whether it was that mark.
   * @param {Mark & { handle: Place }} mark @param {Place} at @param {boolean} final */
  moved(mark, at, final) {
    const { picture, now } = this;
    if (now?.id !== mark.id || now.color || !this.pending(picture.given)) return false;
    /** @type {Place} */
    const by = [at[0] - mark.handle[0], at[1] - mark.handle[1]];
    now.at = now.at && rounded(shiftPlace(now.at, by));
    now.along = now.along?.map((place) => rounded(shiftPlace(place, by)));
    now.box = now.box && rounded(shiftBox(now.box, by));
    picture.remark();
    if (final && picture.view) {
      const lightAt = now.box ? center(now.box) : at;
      this.popover.move(picture.view.toStage(at), around(now, at, picture.view), this.#light(lightAt));
      this.ask(lightAt);
    }
    picture.draw();
    return true;
  }

  /** The mark as it is drawn before the page knows of it; null for regions, and for those in `known`.
   * @param {Mark[]} known @returns {Mark | null} */
  pending(known) {
    const { now } = this;
    if (!now || now.kind === "region" || known.some((mark) => mark.id === now.id)) return null;
    const { at, along, box, color } = now;
    return { ...now, handle: at ?? along?.at(-1) ?? (box ? center(box) : null), color: color ?? "", label: this.picture.words.pending };
  }

  /** @param {Place} at @param {string | null} color @param {string} title @param {boolean} removable
   * @param {string | undefined} name @param {Place} lightAt */
  #show(at, color, title, removable, name, lightAt = at) {
    const { picture } = this, { view } = picture;
    if (!this.now || !view) return;
    picture.marks.selected = this.now.id;
    picture.remark();
    const box = around(this.now, at, view);
    this.popover.show({ at: view.toStage(at), around: box, light: this.#light(lightAt), color, title, removable, name });
    this.#uncover(view, at, box);
    picture.draw();
  }

  /** On a phone the popover is a sheet: the place moves to where it is seen, with all that is colored if it fits.
   * @param {View} view @param {Place} at @param {Box} box */
  #uncover(view, at, [, top, , bottom]) {
    const { stage } = this.picture, sheet = this.popover.element;
    if (!this.popover.docked) return;
    const free = sheet.getBoundingClientRect().top - stage.getBoundingClientRect().top;
    const [, y] = view.toStage(at);
    if (y < free - 40 && bottom < free) return;
    this.uncovered = view.fitted;
    view.pan(0, free / 2 - (bottom - top < free ? (top + bottom) / 2 : y));
  }

  /** @param {string} color @param {boolean} final @param {Origin} origin */
  #choose(color, final, origin) {
    if (!this.now) return;
    this.picture.judge();
    this.#give(this.now, color, final, origin);
  }

  /** @param {Subject} subject @param {string} color @param {boolean} final @param {Origin} origin */
  #give(subject, color, final, origin) {
    subject.color = color;
    const { id, kind, at, along, width, box } = subject;
    this.picture.remark();
    this.picture.emit("mark", { id, kind, at, along, width, box, color, final, origin });
  }

  /** @param {string} text */
  #chooseNamed(text) {
    this.named = this.now;
    this.picture.emit("named", { text });
  }

  /** A color's name was understood, or not; the popover may be closed by now, or be about something else.
   * @param {string} color @param {string} trouble */
  understood(color, trouble) {
    const { named } = this, gone = named !== null && named.id !== this.now?.id;
    this.named = null;
    if (gone && color) this.#give(named, color, true, "user");
    if (gone) return;
    if (color) this.popover.pick(color);
    else this.popover.complain(trouble);
  }

  remove() {
    const id = this.now?.id;
    this.popover.close();
    if (id) this.picture.emit("remove", { id });
  }

  /** Undo or redo changed the marks: the popover goes on with the mark as it is now, or closes with it. @param {Mark[]} marks */
  follow(marks) {
    const { now } = this, mark = marks.find((m) => m.id === now?.id);
    if (!now || (!mark && !now.color)) return;
    if (!mark) {
      this.now = null; // what is written in the popover does not bring it back
      return this.popover.close();
    }
    if (mark.color !== now.color) this.popover.recolor((now.color = mark.color));
  }

  #leave() {
    const left = this.now, { picture } = this;
    if (this.uncovered) picture.view?.fit();
    this.uncovered = false;
    this.now = picture.marks.selected = null;
    picture.judging = false;
    this.drop(false);
    picture.remark();
    picture.emit("untarget", { id: left?.id });
    picture.draw();
  }

  // ---- the dropper

  /** Wait for a click that gives a color, or no longer. @param {boolean} on */
  drop(on) {
    this.dropping = on;
    document.body.classList.toggle("b-dropping", on);
    this.endDrop?.();
    this.endDrop = on ? waitForPick((rgb) => this.#pick(rgb, "reference")) : null;
  }

  /** Take the color that the picture has at a place of the photo. @param {Place} place */
  take(place) {
    const { layers, photo } = this.picture;
    if (photo) this.#pick(sample(layers.color, photo, place), "user");
  }

  /** @param {Rgb} rgb @param {Origin} origin */
  #pick(rgb, origin) {
    this.drop(false);
    this.popover.refocus();
    this.popover.pick(rgbToHex(rgb), origin);
  }

  /** L of the photo at a place. @param {Place} place */
  #light(place) {
    const { layers, photo } = this.picture;
    return (photo && rgbToLab(sample(layers.photo, photo, place))[0]) || 50;
  }
}

/** Where the popover of a new mark opens. @param {Exclude<Shape, { kind: "region" }>} shape @returns {Place} */
function endOf(shape) {
  if (shape.kind === "point") return shape.at;
  if (shape.kind === "stroke") return shape.along[shape.along.length - 1];
  return [shape.box[2], center(shape.box)[1]];
}

/** The box around all that is colored, CSS pixels of the stage. @param {Subject} subject @param {Place} at
 * @param {View} view @returns {Box} */
function around({ along, box }, at, view) {
  /** @type {Place[]} */
  const corners = box ? [[box[0], box[1]], [box[2], box[3]]] : [];
  return boxAround([at, ...(along ?? []), ...corners].map((place) => view.toStage(place)));
}

/** @template {number[]} T @param {T} values @returns {T} */
const rounded = (values) => /** @type {T} */ (values.map(round));
