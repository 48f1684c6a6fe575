// The dropper: the next click (or Enter) on the picture, or on a picture marked data-pick, gives its color.

import { around, contextOf, el } from "./dom.js";
import { clamp } from "./geometry.js";

const SIDE = 3; // pixels that are averaged, each way
const PICTURES = "img[data-pick]";

/** @type {CanvasRenderingContext2D | null} */
let spare = null;
function scratch() {
  spare ??= contextOf(Object.assign(document.createElement("canvas"), { width: SIDE, height: SIDE }), { willReadFrequently: true });
  spare.clearRect(0, 0, SIDE, SIDE);
  return spare;
}

/** The mean of what was drawn. @param {CanvasRenderingContext2D} c @returns {Rgb} */
function meanColor(c) {
  const { data } = c.getImageData(0, 0, SIDE, SIDE), sum = [0, 0, 0];
  for (let i = 0; i < data.length; i++) if (i % 4 < 3) sum[i % 4] += data[i];
  const [red, green, blue] = sum.map((v) => Math.round(v / (SIDE * SIDE)));
  return [red, green, blue];
}

/** The color of a layer at a place of the photo, a little around it averaged.
 * @param {import("./tiles.js").Layer | undefined} layer @param {Photo} photo @param {Place} place @returns {Rgb} */
export function sample(layer, photo, [x, y]) {
  const base = layer?.shown?.base, c = scratch();
  if (!base) return [0, 0, 0];
  const share = base.width / photo.width;
  /** @param {number} v @param {number} size */
  const corner = (v, size) => clamp(Math.floor(v * share) - 1, 0, Math.max(0, size - SIDE));
  c.drawImage(base, corner(x, base.width), corner(y, base.height), SIDE, SIDE, 0, 0, SIDE, SIDE);
  return meanColor(c);
}

/** The color of a picture of the page at shares of its box. @param {HTMLImageElement} image @param {Place} at */
function colorAt(image, [x, y]) {
  const { width, height } = image.getBoundingClientRect(), c = scratch();
  // object-fit: cover shows the middle of the picture
  const share = Math.max(width / image.naturalWidth, height / image.naturalHeight);
  const left = ((x - 0.5) * width) / share + image.naturalWidth / 2, top = ((y - 0.5) * height) / share + image.naturalHeight / 2;
  /** @param {number} v @param {number} size */
  const corner = (v, size) => clamp(v - 2, 0, size - 5);
  c.drawImage(image, corner(left, image.naturalWidth), corner(top, image.naturalHeight), 5, 5, 0, 0, SIDE, SIDE);
  return meanColor(c);
}

/** Wait for a click on a picture of the page, or for Enter on one, over which arrow keys move a cross; `pick` gets its
 * color. Returns what ends the waiting. @param {(rgb: Rgb) => void} pick */
export function waitForPick(pick) {
  const cross = el("span", { class: "b-cross", "aria-hidden": "true" });
  const images = /** @type {HTMLImageElement[]} */ ([...document.querySelectorAll(PICTURES)]), end = new AbortController();
  /** @type {Place} */
  let at = [0.5, 0.5];
  /** @param {HTMLImageElement} image @param {Place} place */
  const put = (image, [x, y]) => {
    at = [clamp(x, 0, 1), clamp(y, 0, 1)];
    [cross.style.left, cross.style.top] = at.map((v) => `${v * 100}%`);
    image.after(cross);
  };
  /** @param {string} name @param {(event: any, image: HTMLImageElement) => boolean | void} listener false: not its event */
  const on = (name, listener) =>
    document.addEventListener(name, (event) => {
      const image = around(event, PICTURES);
      if (!(image instanceof HTMLImageElement) || listener(event, image) === false) return;
      event.preventDefault();
      event.stopPropagation();
    }, { capture: true, signal: end.signal });
  on("click", (event, image) => {
    const box = image.getBoundingClientRect();
    pick(colorAt(image, [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height]));
  });
  on("keydown", (event, image) => {
    const step = event.shiftKey ? 0.2 : 0.05;
    /** @type {Record<string, Place>} */
    const ways = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
    const way = ways[event.key];
    if (way) put(image, [at[0] + way[0], at[1] + way[1]]);
    else if (event.key === "Enter" || event.key === " ") pick(colorAt(image, at));
    else return false;
  });
  on("focusin", (_, image) => put(image, [0.5, 0.5]));
  for (const image of images) {
    image.tabIndex = 0;
    image.setAttribute("role", "button");
  }
  return () => {
    end.abort();
    cross.remove();
    for (const image of images) {
      image.removeAttribute("tabindex");
      image.removeAttribute("role");
    }
  };
}
