// The popover at a place: the likeliest colors there, the recent ones, a wheel at the place's own light, a dropper, and
// a field that takes #rrggbb or a color's name. It is dragged by its head; on small screens it is docked at the bottom.

import { fullHex, hexToRgb, isHex, labToHex, rgbToLab } from "./color.js";
import { around, el, icon } from "./dom.js";
import { clamp, leftBeside } from "./geometry.js";
import { Wheel } from "./wheel.js";

/**
 * @typedef {object} Actions
 * @property {(color: string, final: boolean, origin: Origin) => void} choose
 * @property {(text: string) => void} chooseNamed a color's name was written
 * @property {(text: string) => void} rename
 * @property {() => void} remove
 * @property {() => void} redraw draw other colors in the selection
 * @property {() => void} drop wait for a click of the dropper
 * @property {() => void} closed
 *
 * @typedef {{ hex: string, name: string }} Used a color, and what it is called
 * @typedef {Used & { probability: number }} Likely
 *
 * @typedef {object} About what the popover opens for
 * @property {Place} at CSS pixels on the stage
 * @property {Box} around what is colored, which stays in sight; CSS pixels on the stage
 * @property {number} light its L
 * @property {string | null} color
 * @property {string} title
 * @property {boolean} removable
 * @property {string} [name] of what can be renamed
 */

export class Popover {
  /** @param {HTMLElement} stage @param {Words} words @param {Actions} actions */
  constructor(stage, words, actions) {
    this.stage = stage;
    this.words = words;
    this.actions = actions;
    /** @type {Used[]} */
    this.recent = [];
    this.light = 50;
    /** @type {string | null} what was just written, for Enter and the change event bring it twice */
    this.written = null;
    /** @type {Element | null} what had the keyboard before */
    this.before = null;
    this.wheel = new Wheel(words.wheel, (a, b, final) => this.#choose(labToHex(this.light, a, b), final, "user"));
    this.title = el("h2", { class: "bp-title", id: "bp-title" });
    /** @type {HTMLInputElement} */
    this.named = el("input", { class: "bp-name", type: "text", maxlength: 60, "aria-label": words.name,
      placeholder: words.name, on: { change: () => actions.rename(this.named.value) } });
    this.likely = el("div", { class: "bp-grid", role: "group", "aria-label": words.likely });
    this.used = el("div", { class: "bp-row", role: "group", "aria-label": words.recent });
    this.usedTitle = el("h3", { text: words.recent });
    this.field = el("input", { class: "bp-hex", type: "text", spellcheck: "false", autocomplete: "off", maxlength: 40,
      "aria-label": words.hex, placeholder: "#7a1f1f", on: { keydown: (/** @type {KeyboardEvent} */ event) => this.#typed(event), change: () => this.#entered() } });
    this.redraw = el("button", { type: "button", class: "bp-redraw", "aria-describedby": "bp-redraw-off", on: { click: () => actions.redraw() } },
      icon("dice"), words.redraw);
    this.noRedraw = el("p", { class: "bp-none", id: "bp-redraw-off" });
    this.region = el("div", { class: "bp-region", hidden: true }, this.redraw, this.noRedraw);
    /** @type {string | null} why colors cannot be drawn anew; null where that is not offered at all */
    this.why = null;
    this.chip = el("span", { class: "bp-chip", "aria-hidden": "true" });
    this.wrong = el("p", { class: "bp-wrong", role: "alert", hidden: true });
    this.pipette = this.#button("dropper", words.dropper, () => actions.drop());
    this.trash = this.#button("trash", words.remove, () => actions.remove());
    this.head = el("div", { class: "bp-head" }, this.title, this.trash, this.#button("close", words.close, () => this.close()));
    this.element = el("div", { class: "bp", role: "dialog", "aria-labelledby": "bp-title", tabindex: -1, "data-own": true, hidden: true },
      this.head,
      el("div", { class: "bp-body" }, this.named,
        el("h3", { text: words.likely }), this.likely, this.usedTitle, this.used),
      this.wheel.element,
      el("div", { class: "bp-foot" }, this.chip, this.field, this.pipette, this.wrong),
      this.region);
    this.element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return; // all else is a shortcut of the page, unless a field writes it
      event.stopPropagation();
      this.close();
    });
    stage.append(this.element);
    this.#draggable();
  }

  /** @param {Parameters<typeof icon>[0]} name @param {string} label @param {() => void} press */
  #button(name, label, press) {
    return el("button", { type: "button", class: "b-ghost", "aria-label": label, title: label, on: { click: press } }, icon(name));
  }

  #draggable() {
    /** @type {Place | null} */
    let from = null;
    this.head.addEventListener("pointerdown", (event) => {
      if (event.button || around(event, "button") || this.docked) return;
      this.head.setPointerCapture(event.pointerId);
      from = [event.clientX - this.element.offsetLeft, event.clientY - this.element.offsetTop];
      event.preventDefault();
    });
    this.head.addEventListener("pointermove", (event) => from && this.#put(event.clientX - from[0], event.clientY - from[1]));
    for (const end of ["pointerup", "pointercancel"]) this.head.addEventListener(end, () => (from = null));
  }

  /** Whether it lies at the bottom of a small screen (by the style sheet), and cannot be moved. */
  get docked() {
    return getComputedStyle(this.element).position === "fixed";
  }

  /** Put its corner there, as far as all of it stays on the stage. @param {number} left @param {number} top */
  #put(left, top) {
    const { clientWidth: w, clientHeight: h } = this.stage, { offsetWidth: own, offsetHeight: tall } = this.element;
    this.element.style.left = `${Math.max(8, Math.min(left, w - own - 8))}px`;
    this.element.style.top = `${Math.max(8, Math.min(top, h - tall - 8))}px`;
  }

  /** The stage has another size now. */
  settle() {
    if (this.open && !this.docked) this.#put(this.element.offsetLeft, this.element.offsetTop);
  }

  get open() {
    return !this.element.hidden;
  }

  /** @param {About} about */
  show({ at, around, light, color, title, removable, name }) {
    this.title.textContent = title;
    this.trash.hidden = !removable;
    this.named.hidden = name === undefined;
    this.named.value = name ?? "";
    this.offerRedraw(this.why);
    this.#setLight(light);
    this.#mark(color);
    this.complain("");
    this.suggest(null);
    this.#recent();
    this.before = document.activeElement;
    this.element.hidden = false;
    this.#place(at, around);
    this.element.focus({ preventScroll: true }); // not a field, which would keep the page's shortcuts to itself
  }

  /** What it is about lies somewhere else now, in another light; what is likely there is not known yet.
   * @param {Place} at @param {Box} around @param {number} light */
  move(at, around, light) {
    this.#setLight(light);
    this.suggest(null);
    this.#place(at, around);
  }

  /** @param {number} light */
  #setLight(light) {
    this.light = clamp(light, 6, 96);
    this.wheel.at(this.light);
  }

  /** Whether a selection's colors can be drawn anew: "" for yes, else why not; null hides the button.
   * @param {string | null} why */
  offerRedraw(why) {
    this.why = why;
    this.region.hidden = why === null || this.named.hidden; // only what was selected has a name
    this.redraw.disabled = Boolean(why);
    this.noRedraw.textContent = why;
    this.noRedraw.hidden = !why;
  }

  /** After the dropper has picked a color somewhere else on the page. */
  refocus() {
    this.pipette.focus({ preventScroll: true });
  }

  /** Beside what is colored where there is room, never over the place; on a phone a sheet at the bottom (by the style
   * sheet). @param {Place} at @param {Box} around */
  #place([x, y], around) {
    const { offsetWidth: own, offsetHeight: tall } = this.element;
    this.#put(leftBeside(around, x, own, this.stage.clientWidth), y - tall / 3);
  }

  /** Nine likely colors, or null while they are being computed. @param {Likely[] | null} colors */
  suggest(colors) {
    const focused = this.likely.contains(document.activeElement) || document.activeElement === this.element;
    const swatches = colors?.map(({ hex, name, probability }) =>
      this.#swatch(hex, `${name}, ${Math.max(1, Math.round(probability * 100))} %`, "network"));
    this.likely.replaceChildren(...(swatches ?? Array.from({ length: 9 }, () => el("span", { class: "bp-swatch bp-waiting" }))));
    if (colors?.length === 0) this.likely.append(el("p", { class: "bp-none", text: this.words.none }));
    if (focused && this.open) this.element.focus({ preventScroll: true });
    if (focused && colors?.length) this.likely.querySelector("button")?.focus({ preventScroll: true });
  }

  /** Whether the likely colors are still to come. */
  get waiting() {
    return this.likely.querySelector(".bp-waiting") !== null;
  }

  /** @param {string} code @param {string} label @param {Origin} origin */
  #swatch(code, label, origin) {
    return el("button", { type: "button", class: "bp-swatch", style: `background:${code}`, "aria-label": label, title: label,
      on: { click: () => this.pick(code, origin) } });
  }

  #recent() {
    this.used.replaceChildren(...this.recent.slice(0, 9).map(({ hex, name }) => this.#swatch(hex, name, "user")));
    this.used.hidden = this.usedTitle.hidden = !this.recent.length;
  }

  /** Take a color as a click on a swatch does. @param {string} code @param {Origin} origin */
  pick(code, origin = "user") {
    this.#mark(code);
    this.#choose(code, true, origin);
  }

  /** The color was changed elsewhere, such as by undo. @param {string} code */
  recolor(code) {
    this.#mark(code);
    this.complain("");
  }

  /** @param {string} code @param {boolean} final @param {Origin} origin */
  #choose(code, final, origin) {
    this.complain("");
    this.field.value = code;
    this.chip.style.background = code;
    this.actions.choose(code, final, origin);
  }

  /** @param {string | null} code */
  #mark(code) {
    this.field.value = code ?? "";
    this.chip.style.background = code && isHex(code) ? code : "transparent";
    const [, a, b] = code && isHex(code) ? rgbToLab(hexToRgb(code)) : [0, 0, 0];
    this.wheel.show(a, b);
  }

  /** @param {KeyboardEvent} event */
  #typed(event) {
    if (event.key !== "Enter") return;
    event.preventDefault();
    this.#entered();
  }

  #entered() {
    const text = this.field.value.trim();
    if (!text || text === this.written) return;
    this.written = text;
    setTimeout(() => (this.written = null), 300);
    if (isHex(text)) this.pick(fullHex(text));
    else this.actions.chooseNamed(text);
  }

  /** A line below the field; an empty one takes it away. @param {string} text */
  complain(text) {
    this.wrong.textContent = text;
    this.wrong.hidden = !text;
  }

  close() {
    if (!this.open) return;
    // what is written in a field is taken over while it is known what it is about; a touch beside leaves no field by itself
    const { activeElement } = document;
    if (activeElement instanceof HTMLElement && this.element.contains(activeElement)) activeElement.blur();
    this.element.hidden = true;
    this.actions.closed();
    if (!(this.before instanceof HTMLElement) || !this.before.isConnected) return;
    // back where it came from; a click on the photo needs no frame around all of it
    if (this.before === this.stage && !this.stage.dataset.keys) this.stage.classList.add("b-unframed");
    this.before.focus({ preventScroll: true });
  }
}
