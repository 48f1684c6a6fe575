// The popover at a place: the likeliest colours there, the recent ones, a wheel at the place's own light, a dropper, and
// a field that takes #rrggbb or a colour's name. It is dragged by its head; on small screens it is docked at the bottom.

import { hexToRgb, isHex, labToHex, rgbToLab } from "./color.js";
import { el, icon } from "./dom.js";
import { Wheel } from "./wheel.js";

export class Popover {
  /** `hands` = { choose(color, final, origin), named(text), remove(), closed(), drop(), name(text) }. */
  constructor(stage, words, hands) {
    Object.assign(this, { stage, words, hands });
    this.recent = [];
    this.light = 50;
    this.wheel = new Wheel(words.wheel, (a, b, final) => this.#choose(labToHex(this.light, a, b), final));
    this.title = el("h2", { class: "bp-title", id: "bp-title" });
    this.named = el("input", { class: "bp-name", type: "text", maxlength: 60, "aria-label": words.name,
      placeholder: words.name, on: { change: () => hands.name(this.named.value) } });
    this.likely = el("div", { class: "bp-grid", role: "group", "aria-label": words.likely });
    this.used = el("div", { class: "bp-row", role: "group", "aria-label": words.recent });
    this.usedTitle = el("h3", { text: words.recent });
    this.field = el("input", { class: "bp-hex", type: "text", spellcheck: "false", autocomplete: "off", maxlength: 40,
      "aria-label": words.hex, placeholder: "#7a1f1f", on: { keydown: (e) => this.#typed(e), change: () => this.#entered() } });
    this.chip = el("span", { class: "bp-chip", "aria-hidden": "true" });
    this.wrong = el("p", { class: "bp-wrong", role: "alert", hidden: true });
    this.pipette = this.#button("dropper", words.dropper, () => hands.drop());
    this.trash = this.#button("trash", words.remove, () => hands.remove());
    this.element = el("div", { class: "bp", role: "dialog", "aria-labelledby": "bp-title", tabindex: -1, "data-own": true, hidden: true },
      (this.head = el("div", { class: "bp-head" }, this.title, this.trash, this.#button("close", words.close, () => this.close()))),
      el("div", { class: "bp-body" }, this.named,
        el("h3", { text: words.likely }), this.likely, this.usedTitle, this.used),
      this.wheel.element,
      el("div", { class: "bp-foot" }, this.chip, this.field, this.pipette, this.wrong));
    this.element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return; // all else is a shortcut of the page, unless a field writes it
      event.stopPropagation();
      this.close();
    });
    stage.append(this.element);
    this.#draggable();
  }

  #button(name, label, press) {
    return el("button", { type: "button", class: "b-ghost", "aria-label": label, title: label, on: { click: press } }, icon(name));
  }

  #draggable() {
    let from = null;
    this.head.addEventListener("pointerdown", (event) => {
      if (event.button || event.target.closest("button") || this.docked) return;
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

  /** Put its corner there, as far as all of it stays on the stage. */
  #put(left, top) {
    const { clientWidth: w, clientHeight: h } = this.stage, { offsetWidth: own, offsetHeight: tall } = this.element;
    this.element.style.left = `${Math.max(8, Math.min(w - own - 8, left))}px`;
    this.element.style.top = `${Math.max(8, Math.min(h - tall - 8, top))}px`;
  }

  /** The stage has another size now. */
  settle() {
    if (this.open && !this.docked) this.#put(this.element.offsetLeft, this.element.offsetTop);
  }

  get open() {
    return !this.element.hidden;
  }

  /** Open for a place: `at` CSS pixels on the stage, `light` its L, `color` what it has, `title`, `removable`, `name`. */
  show({ at, light, color, title, removable, name }) {
    this.title.textContent = title;
    this.trash.hidden = !removable;
    this.named.hidden = name === undefined;
    this.named.value = name ?? "";
    this.#lit(light);
    this.#mark(color);
    this.say("");
    this.suggest(null);
    this.#recent();
    this.before = document.activeElement;
    this.element.hidden = false;
    this.#place(at);
    this.element.focus({ preventScroll: true }); // not a field, which would keep the page's shortcuts to itself
  }

  /** What it is about lies somewhere else now, in another light; what is likely there is not known yet. */
  move(at, light) {
    this.#lit(light);
    this.suggest(null);
    this.#place(at);
  }

  #lit(light) {
    this.light = Math.max(6, Math.min(96, light));
    this.wheel.at(this.light);
  }

  /** After the dropper took a colour somewhere else on the page. */
  refocus() {
    this.pipette.focus({ preventScroll: true });
  }

  /** Beside the place where there is room, never over it; on a phone a sheet at the bottom (by the style sheet). */
  #place([x, y]) {
    const { offsetWidth: own, offsetHeight: tall } = this.element;
    this.#put(x + 24 + own < this.stage.clientWidth ? x + 24 : x - 24 - own, y - tall / 3);
  }

  /** Nine likely colours [{hex, probability}], or null while they are being found. */
  suggest(colors) {
    const had = this.likely.contains(document.activeElement) || document.activeElement === this.element;
    this.likely.replaceChildren(...(colors ?? Array.from({ length: 9 })).map((found) => {
      if (!found) return el("span", { class: "bp-swatch bp-waiting" });
      const share = `${Math.max(1, Math.round(found.probability * 100))} %`;
      return this.#swatch(found.hex, `${found.hex}, ${share}`, "network");
    }));
    if (colors?.length === 0) this.likely.append(el("p", { class: "bp-none", text: this.words.none }));
    if (had && this.open) this.element.focus({ preventScroll: true });
    if (had && colors?.length) this.likely.querySelector("button")?.focus({ preventScroll: true });
  }

  /** Whether the likely colours are still to come. */
  get waiting() {
    return this.likely.querySelector(".bp-waiting") !== null;
  }

  #swatch(code, label, origin) {
    return el("button", { type: "button", class: "bp-swatch", style: `background:${code}`, "aria-label": label, title: label,
      on: { click: () => this.pick(code, origin) } });
  }

  #recent() {
    this.used.replaceChildren(...this.recent.slice(0, 9).map((code) => this.#swatch(code, code)));
    this.used.hidden = this.usedTitle.hidden = !this.recent.length;
  }

  /** Take a colour as a click on a swatch does; `origin` is user, network or reference. */
  pick(code, origin = "user") {
    this.#mark(code);
    this.#choose(code, true, origin);
  }

  /** The colour was changed elsewhere, such as by undo. */
  recolor(code) {
    this.#mark(code);
    this.say("");
  }

  #choose(code, final, origin) {
    this.say("");
    this.field.value = code;
    this.chip.style.background = code;
    this.hands.choose(code, final, origin);
  }

  #mark(code) {
    this.field.value = code ?? "";
    this.chip.style.background = code && isHex(code) ? code : "transparent";
    const [, a, b] = code && isHex(code) ? rgbToLab(hexToRgb(code)) : [0, 0, 0];
    this.wheel.show(a, b);
  }

  #typed(event) {
    if (event.key !== "Enter") return;
    event.preventDefault();
    this.#entered();
  }

  #entered() {
    const text = this.field.value.trim();
    if (!text || text === this.last) return;
    this.last = text;
    setTimeout(() => (this.last = null), 300); // Enter and the change event say it twice
    if (isHex(text)) this.pick(text.startsWith("#") ? text.toLowerCase() : `#${text.toLowerCase()}`);
    else this.hands.named(text);
  }

  /** A complaint below the field; empty takes it away. */
  say(text) {
    this.wrong.textContent = text;
    this.wrong.hidden = !text;
  }

  close() {
    if (!this.open) return;
    this.element.hidden = true;
    this.hands.closed();
    if (!this.before?.isConnected) return;
    // back where it came from; a click on the photo needs no frame around all of it
    if (this.before === this.stage && !this.stage.dataset.keys) this.stage.classList.add("b-unframed");
    this.before.focus({ preventScroll: true });
  }
}
