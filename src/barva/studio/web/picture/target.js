// What the popover is about: a mark or an object, new or not. It lives from a click until the popover closes.

import { hex, rgbToLab } from "./color.js";
import { sample, waitForPick } from "./dropper.js";
import { Popover } from "./popover.js";

const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(6)), (v) => v.toString(16).padStart(2, "0")).join("");
const middle = ([left, top, right, bottom]) => [(left + right) / 2, (top + bottom) / 2];

export class Target {
  /** Of a `Picture`; `now` is { id, kind, color, at | along | box ... } or null. */
  constructor(picture) {
    this.picture = picture;
    this.now = null;
    this.dropping = false;
    this.popover = new Popover(picture.stage, picture.words, {
      choose: (color, final, origin) => this.#choose(color, final, origin),
      named: (text) => picture.tell("named", { text }),
      name: (text) => this.now && picture.tell("rename", { id: this.now.id, text }),
      remove: () => this.remove(),
      drop: () => this.drop(true),
      closed: () => this.#leave(),
    });
  }

  /** A gesture came to a mark, which has no colour yet. */
  begin(made) {
    const { picture } = this;
    this.popover.close();
    this.now = { ...made, id: newId() };
    const last = made.at ?? made.along?.at(-1) ?? [made.box[2], (made.box[1] + made.box[3]) / 2];
    const lit = made.box ? middle(made.box) : last;
    this.#show(last, null, picture.words[made.kind], false, undefined, lit);
    this.ask(lit);
  }

  /** A mark that is there is edited. */
  open(mark) {
    const { picture } = this, object = mark.kind === "object";
    this.popover.close();
    this.now = { ...mark, kind: object ? "region" : mark.kind };
    this.#show(mark.handle, mark.color, mark.title ?? picture.words[mark.kind], true, object ? mark.name : undefined);
    this.ask(mark.handle);
    picture.tell("select", { id: mark.id });
  }

  /** An object was selected. */
  selected(object) {
    this.now = { ...object, kind: "region" };
    this.#show(object.at, object.color, this.picture.words.object, object.kept, object.name ?? "");
    this.ask(object.at);
  }

  /** Ask for the likely colours of a place, or again for those that never came. */
  ask(at = null) {
    if (!this.now || (!at && !this.popover.waiting)) return;
    this.asked = at ?? this.asked;
    this.picture.tell("spot", { at: this.asked, id: this.now.id });
  }

  /** The mark that is being made was dragged before it had a colour: its light and its likely colours are those of the
   * new place. Whether it was that mark. */
  moved(mark, at, final) {
    const { picture, now } = this;
    if (now?.id !== mark.id || now.color || !this.pending(picture.given)) return false;
    const by = at.map((v, i) => v - mark.handle[i]);
    const there = (places) => places?.map((v, i) => Math.round(10 * (v + by[i % 2])) / 10);
    Object.assign(now, { at: there(now.at), along: now.along?.map(there), box: there(now.box) });
    picture.remark();
    if (final) {
      const lit = now.box ? middle(now.box) : at;
      this.popover.move(picture.view.toStage(...at), this.#light(lit));
      this.ask(lit);
    }
    picture.draw();
    return true;
  }

  /** The mark as it is drawn before the page knows of it; null for regions, and for those in `known`. */
  pending(known) {
    if (!this.now || this.now.kind === "region" || known.some((m) => m.id === this.now.id)) return null;
    const { at, along, box, color } = this.now;
    return { ...this.now, handle: at ?? along?.at(-1) ?? (box && middle(box)), color: color ?? "", label: this.picture.words.pending };
  }

  #show(at, color, title, removable, name, lit = at) {
    const { picture } = this;
    picture.marks.selected = this.now.id;
    picture.remark();
    this.popover.show({ at: picture.view.toStage(...at), light: this.#light(lit), color, title, removable, name });
    this.#uncover(at);
    picture.draw();
  }

  /** On a phone the popover is a sheet: the place moves to where it is seen. */
  #uncover(at) {
    const { stage, view } = this.picture, sheet = this.popover.element;
    if (!this.popover.docked) return;
    const free = sheet.getBoundingClientRect().top - stage.getBoundingClientRect().top;
    const [, y] = view.toStage(...at);
    if (y < free - 40) return;
    this.uncovered = view.fitted;
    view.pan(0, free / 2 - y);
  }

  #choose(color, final, origin = "user") {
    if (!this.now) return;
    this.now.color = color;
    this.picture.judge();
    const { id, kind, at, along, width, box } = this.now;
    this.picture.remark();
    this.picture.tell("mark", { id, kind, at, along, width, box, color, final, origin });
  }

  remove() {
    const id = this.now?.id;
    this.popover.close();
    if (id) this.picture.tell("remove", { id });
  }

  /** Undo or redo changed the marks: the popover goes on with the mark as it is now, or closes with it. */
  follow(marks) {
    const { now } = this, mark = marks.find((m) => m.id === now?.id);
    if (!now || (!mark && !now.color)) return;
    if (!mark) return this.popover.close();
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
    picture.tell("untarget", { id: left?.id });
    picture.draw();
  }

  // ---- the dropper

  /** Wait for a click that gives a colour, or no longer. */
  drop(on) {
    this.dropping = on;
    document.body.classList.toggle("b-dropping", on);
    this.waiting?.();
    this.waiting = on ? waitForPick((rgb) => this.#took(rgb, "reference")) : null;
  }

  /** Take the colour that the picture has at a place of the photo. */
  take(place) {
    this.#took(sample(this.picture.layers.color, this.picture.photo, ...place), "user");
  }

  #took(rgb, origin) {
    this.drop(false);
    this.popover.refocus();
    this.popover.pick(hex(rgb), origin);
  }

  /** L of the photo at a place. */
  #light([x, y]) {
    return rgbToLab(sample(this.picture.layers.photo, this.picture.photo, x, y))[0] || 50;
  }
}
