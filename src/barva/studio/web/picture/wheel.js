// A colour wheel at one light: hue is the angle, chroma the distance from the middle, and every colour in it is one that
// this light can carry or the nearest to it.

import { carried, labToRgb } from "./color.js";
import { el } from "./dom.js";

const SIDE = 160;

export class Wheel {
  /** `chosen(a, b, final)` hears the chroma while it is dragged, and at the end. */
  constructor(label, chosen) {
    this.chosen = chosen;
    this.light = null;
    this.canvas = el("canvas", { width: SIDE, height: SIDE, class: "bp-wheel-disc" });
    this.knob = el("span", { class: "bp-wheel-knob" });
    this.element = el("div", { class: "bp-wheel", tabindex: 0, role: "slider", "aria-label": label,
      "aria-valuemin": 0, "aria-valuemax": 360, "aria-valuenow": 0 }, this.canvas, this.knob);
    let held = false;
    const move = (event, final) => {
      const box = this.element.getBoundingClientRect();
      const x = ((event.clientX - box.left) / box.width) * 2 - 1, y = 1 - ((event.clientY - box.top) / box.height) * 2;
      const far = Math.max(1, Math.hypot(x, y));
      this.#pick((x / far) * this.radius, (y / far) * this.radius, final);
    };
    this.element.addEventListener("pointerdown", (event) => {
      held = true;
      this.element.setPointerCapture(event.pointerId);
      move(event, false);
    });
    this.element.addEventListener("pointermove", (event) => held && move(event, false));
    this.element.addEventListener("pointerup", (event) => held && ((held = false), move(event, true)));
    this.element.addEventListener("pointercancel", () => (held = false));
    this.element.addEventListener("keydown", (event) => this.#key(event));
  }

  /** Paint the disc for L, unless it is painted for about this light already. */
  at(light) {
    if (this.light !== null && Math.abs(this.light - light) < 1) return;
    this.light = light;
    const L = Math.max(6, Math.min(96, light));
    this.radius = 20;
    for (let h = 0; h < 360; h += 10) {
      const a = 128 * Math.cos((h * Math.PI) / 180), b = 128 * Math.sin((h * Math.PI) / 180);
      this.radius = Math.max(this.radius, 128 * carried(L, a, b));
    }
    this.radius = Math.min(this.radius, 100);
    const c = this.canvas.getContext("2d"), image = c.createImageData(SIDE, SIDE);
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

  /** Put the knob on chroma (a, b). */
  show(a, b) {
    this.a = a;
    this.b = b;
    const reach = Math.max(this.radius, Math.hypot(a, b));
    this.knob.style.left = `${50 + (a / reach) * 50}%`;
    this.knob.style.top = `${50 - (b / reach) * 50}%`;
    const hue = (Math.round((Math.atan2(b, a) * 180) / Math.PI) + 360) % 360;
    this.element.setAttribute("aria-valuenow", hue);
    this.element.setAttribute("aria-valuetext", `${hue}°, ${Math.round(Math.hypot(a, b))}`);
  }

  #pick(a, b, final) {
    this.show(a, b);
    this.chosen(a, b, final);
  }

  #key(event) {
    const turns = { ArrowLeft: -5, ArrowRight: 5 }, steps = { ArrowUp: 4, ArrowDown: -4 };
    if (!(event.key in turns) && !(event.key in steps)) return;
    event.preventDefault();
    event.stopPropagation();
    const angle = Math.atan2(this.b ?? 0, this.a ?? 0) + ((turns[event.key] ?? 0) * Math.PI) / 180;
    const chroma = Math.max(0, Math.min(this.radius, Math.hypot(this.a ?? 0, this.b ?? 0) + (steps[event.key] ?? 0)));
    this.#pick(chroma * Math.cos(angle), chroma * Math.sin(angle), true);
  }
}
