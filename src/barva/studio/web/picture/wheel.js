// A color wheel at one light: hue is the angle, chroma the distance from the middle, and every color in it is one that
// this light can carry or the nearest to it.

import { gamutShare, labToRgb } from "./color.js";
import { contextOf, el } from "./dom.js";
import { clamp } from "./geometry.js";

const SIDE = 160;
/** @type {Record<string, number>} degrees of hue */
const TURNS = { ArrowLeft: -5, ArrowRight: 5 };
/** @type {Record<string, number>} units of chroma */
const STEPS = { ArrowUp: 4, ArrowDown: -4 };

export class Wheel {
  /** @param {string} label @param {(a: number, b: number, final: boolean) => void} choose called while the knob is
   * dragged or an arrow key is held, and with `final` at the end */
  constructor(label, choose) {
    this.choose = choose;
    /** @type {number | null} */
    this.light = null;
    this.radius = 20; // of the disc, in chroma
    this.a = this.b = 0;
    this.held = false; // an arrow key, and what it chose since is not final
    this.canvas = el("canvas", { width: SIDE, height: SIDE, class: "bp-wheel-disc" });
    this.knob = el("span", { class: "bp-wheel-knob" });
    this.element = el("div", { class: "bp-wheel", tabindex: 0, role: "slider", "aria-label": label,
      "aria-valuemin": 0, "aria-valuemax": 360, "aria-valuenow": 0 }, this.canvas, this.knob);
    this.#listen();
  }

  #listen() {
    let dragged = false;
    /** @param {PointerEvent} event @param {boolean} final */
    const move = (event, final) => {
      const box = this.element.getBoundingClientRect();
      const x = ((event.clientX - box.left) / box.width) * 2 - 1, y = 1 - ((event.clientY - box.top) / box.height) * 2;
      const far = Math.max(1, Math.hypot(x, y));
      this.#pick((x / far) * this.radius, (y / far) * this.radius, final);
    };
    this.element.addEventListener("pointerdown", (event) => {
      dragged = true;
      this.element.setPointerCapture(event.pointerId);
      move(event, false);
    });
    this.element.addEventListener("pointermove", (event) => dragged && move(event, false));
    this.element.addEventListener("pointerup", (event) => {
      if (dragged) move(event, true);
      dragged = false;
    });
    this.element.addEventListener("pointercancel", () => (dragged = false));
    this.element.addEventListener("keydown", (event) => this.#key(event));
    for (const end of ["keyup", "blur"])
      this.element.addEventListener(end, () => {
        if (this.held) this.choose(this.a, this.b, true);
        this.held = false;
      });
  }

  /** Paint the disc for L, unless it is painted for about this light already. @param {number} light */
  at(light) {
    if (this.light !== null && Math.abs(this.light - light) < 1) return;
    this.light = light;
    const L = clamp(light, 6, 96);
    this.radius = discRadius(L);
    const c = contextOf(this.canvas), image = c.createImageData(SIDE, SIDE);
    const middle = (SIDE - 1) / 2;
    for (let row = 0; row < SIDE; row++)
      for (let column = 0; column < SIDE; column++) {
        const x = (column - middle) / middle, y = (middle - row) / middle;
        if (x * x + y * y > 1.02) continue;
        const rgb = labToRgb(L, x * this.radius, y * this.radius);
        image.data.set([...rgb, 255], 4 * (row * SIDE + column));
      }
    c.putImageData(image, 0, 0);
  }

  /** Put the knob on chroma (a, b). @param {number} a @param {number} b */
  show(a, b) {
    this.a = a;
    this.b = b;
    const reach = Math.max(this.radius, Math.hypot(a, b));
    this.knob.style.left = `${50 + (a / reach) * 50}%`;
    this.knob.style.top = `${50 - (b / reach) * 50}%`;
    const hue = (Math.round((Math.atan2(b, a) * 180) / Math.PI) + 360) % 360;
    this.element.setAttribute("aria-valuenow", String(hue));
    this.element.setAttribute("aria-valuetext", `${hue}°, ${Math.round(Math.hypot(a, b))}`);
  }

  /** @param {number} a @param {number} b @param {boolean} final */
  #pick(a, b, final) {
    this.show(a, b);
    this.choose(a, b, final);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (!(event.key in TURNS) && !(event.key in STEPS)) return;
    event.preventDefault();
    event.stopPropagation();
    const angle = Math.atan2(this.b, this.a) + ((TURNS[event.key] ?? 0) * Math.PI) / 180;
    const chroma = clamp(Math.hypot(this.a, this.b) + (STEPS[event.key] ?? 0), 0, this.radius);
    this.held = event.repeat;
    this.#pick(chroma * Math.cos(angle), chroma * Math.sin(angle), !event.repeat);
  }
}

/** The largest chroma that any hue has at this light, 20..100. @param {number} L */
function discRadius(L) {
  let radius = 20;
  for (let hue = 0; hue < 360; hue += 10) {
    const a = 128 * Math.cos((hue * Math.PI) / 180), b = 128 * Math.sin((hue * Math.PI) / 180);
    radius = Math.max(radius, 128 * gamutShare(L, a, b));
  }
  return Math.min(radius, 100);
}
