// What the mouse, a pen, fingers and the keys of the stage do there: move the photo, draw with the tool, and aim.

import { aim } from "./aim.js";
import { around } from "./dom.js";
import { listenToGestures } from "./gestures.js";
import { Gesture } from "./tools.js";

const DRAWING = ["point", "stroke", "box", "grow", "lasso", "brush"];
const SELECTING = ["grow", "lasso", "brush"];
const DRAGGED = ["stroke", "box", "lasso", "brush"];

export class Pointer {
  /** @param {import("./index.js").Picture} picture */
  constructor(picture) {
    this.picture = picture;
    /** @type {Gesture | null} */
    this.gesture = null;
    /** @type {Place | null} the cross of the keyboard, CSS pixels */
    this.cursor = null;
    /** @type {Place | null} where the mouse is, CSS pixels */
    this.at = null;
    this.panning = false; // the space bar is down
    this.closing = false; // this click closes the popover, unless it becomes a drag
    this.#listen(picture.stage);
  }

  /** @param {HTMLElement} stage */
  #listen(stage) {
    const { picture } = this;
    listenToGestures(stage, {
      view: () => picture.view,
      begin: (place, event) => this.#begin(place, event),
      move: (place) => this.#move(place),
      end: (clicked) => this.#end(clicked),
      cancel: () => this.cancel(),
      hover: (place, event) => this.#hover(place, event),
    });
    stage.addEventListener("dblclick", (event) => {
      if (picture.tool === "hand" && !around(event, "[data-own]")) picture.zoom(picture.view?.fitted ? "full" : "fit", event);
    });
    stage.addEventListener("keydown", (event) => {
      if (event.target !== stage) return;
      if (event.key === " ") this.panning = true;
      this.#setFrame(true);
      this.#aim(event);
    });
    stage.addEventListener("pointerdown", () => this.#setFrame(false), { capture: true });
    stage.addEventListener("keyup", (event) => {
      if (event.key === " ") this.panning = false;
    });
    stage.addEventListener("pointerleave", () => this.#hover(null));
    stage.addEventListener("blur", () => { // also when another window gets the keyboard, and the space bar's end with it
      this.panning = false;
      if (this.cursor) this.cursor = this.gesture = null; // what keys were drawing
      stage.classList.remove("b-unframed");
      picture.draw();
    });
  }

  /** What is being drawn is not to be. */
  cancel() {
    this.gesture = null;
    this.closing = false;
    this.picture.draw();
  }

  /** Whether the stage is worked with keys: then it has a frame where it has the keyboard. @param {boolean} keys */
  #setFrame(keys) {
    const { stage } = this.picture;
    stage.dataset.keys = keys ? "yes" : "";
    if (keys) stage.classList.remove("b-unframed");
  }

  /** @param {Place} place CSS pixels @param {PointerEvent | KeyboardEvent} event @returns {"pan" | "draw" | "nothing"} */
  #begin(place, event) {
    const { tool, target, popover, view } = this.picture;
    this.cursor = null;
    if (!view) return "nothing";
    const at = view.toPhoto(place);
    if (target.dropping) {
      target.take(at);
      return "nothing";
    }
    if (tool === "hand" || this.panning || !DRAWING.includes(tool)) return "pan";
    if (!view.covers(at)) {
      popover.close();
      return "pan";
    }
    const mode = event.shiftKey ? "add" : event.altKey ? "cut" : this.picture.mode;
    const corrects = target.now?.kind === "region" && (tool === "brush" || (SELECTING.includes(tool) && mode !== "new"));
    this.closing = popover.open && event.type === "pointerdown" && !corrects;
    this.gesture = new Gesture(tool, at, view, mode);
    return "draw";
  }

  /** @param {Place} place CSS pixels */
  #move(place) {
    const { view, tool, popover } = this.picture;
    if (this.closing && DRAGGED.includes(tool)) {
      this.closing = false; // this is no click beside the popover: something is drawn
      popover.close();
    }
    if (view) this.gesture?.move(view.toPhoto(place));
    this.picture.draw();
  }

  /** @param {boolean} clicked */
  #end(clicked) {
    const { picture, gesture } = this;
    this.gesture = null;
    if (this.closing) {
      this.closing = false;
      return picture.popover.close();
    }
    const shape = gesture?.end(clicked, picture.radius);
    if (!shape) return picture.draw();
    if (shape.kind === "region") picture.emit("region", shape);
    else picture.target.begin(shape);
  }

  /** @param {Place | null} place @param {PointerEvent} [event] */
  #hover(place, event) {
    const { picture } = this;
    this.at = place;
    if (picture.judging && event && !around(event, ".bp")) {
      picture.judging = false;
      picture.draw();
    }
    if (picture.tool === "brush" || picture.tool === "stroke") picture.draw();
  }

  /** @param {KeyboardEvent} event */
  #aim(event) {
    const { picture } = this, { view } = picture;
    if (!view) return;
    const used = aim(this, picture.tool, view, event, {
      begin: (at) => this.#begin(at, event) === "draw",
      move: (at) => this.#move(at),
      end: () => this.#end(false),
    });
    if (used) picture.draw();
  }
}
