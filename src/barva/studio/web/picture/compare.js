// The divider between before (left) and after (right): a slider for pointers and keys.

import { el } from "./dom.js";
import { clamp } from "./geometry.js";

/** @type {Record<string, number>} */
const STEPS = { ArrowLeft: -0.02, ArrowRight: 0.02, PageDown: -0.2, PageUp: 0.2, Home: -1, End: 1 };

export class Compare {
  /** @param {HTMLElement} stage @param {Words} words @param {() => void} changed */
  constructor(stage, words, changed) {
    this.changed = changed;
    this.share = 0.5;
    this.element = el("div", { class: "bc", role: "slider", tabindex: 0, "aria-label": words.compare, "aria-valuemin": 0,
      "aria-valuemax": 100, "data-own": true, hidden: true },
      el("span", { class: "bc-knob", "aria-hidden": "true" }),
      el("span", { class: "bc-tag bc-before", "aria-hidden": "true", text: words.before }),
      el("span", { class: "bc-tag bc-after", "aria-hidden": "true", text: words.after }));
    stage.append(this.element);
    let dragged = false;
    this.element.addEventListener("pointerdown", (event) => {
      dragged = true;
      this.element.setPointerCapture(event.pointerId);
      event.preventDefault();
      this.element.focus();
    });
    this.element.addEventListener("pointermove", (event) => {
      if (!dragged) return;
      const box = stage.getBoundingClientRect();
      this.set((event.clientX - box.left) / box.width);
    });
    for (const end of ["pointerup", "pointercancel"]) this.element.addEventListener(end, () => (dragged = false));
    this.element.addEventListener("keydown", (event) => {
      const step = STEPS[event.key];
      if (!step) return;
      event.preventDefault();
      event.stopPropagation();
      this.set(this.share + step);
    });
    this.set(0.5);
  }

  /** @param {number} share of the stage that shows the photo before, 0..1 */
  set(share) {
    this.share = clamp(share, 0, 1);
    this.element.style.left = `${this.share * 100}%`;
    this.element.setAttribute("aria-valuenow", String(Math.round(this.share * 100)));
    this.changed();
  }

  get shown() {
    return !this.element.hidden;
  }

  set shown(on) {
    this.element.hidden = !on;
  }
}
