// The dropper: the next click (or Enter) on the picture, or on a picture marked data-pick, gives its colour.

import { el } from "./dom.js";

const SIDE = 3; // pixels that are averaged, each way
const PICTURES = "img[data-pick]";

let spare = null;
function scratch() {
  spare ??= Object.assign(document.createElement("canvas"), { width: SIDE, height: SIDE }).getContext("2d", { willReadFrequently: true });
  spare.clearRect(0, 0, SIDE, SIDE);
  return spare;
}

/** The mean of what was drawn. */
function seen(c) {
  const { data } = c.getImageData(0, 0, SIDE, SIDE), mean = [0, 0, 0];
  for (let i = 0; i < data.length; i++) if (i % 4 < 3) mean[i % 4] += data[i] / (SIDE * SIDE);
  return mean.map(Math.round);
}

/** sRGB 0..255 of a layer at a place of the photo, a little around it averaged. */
export function sample(layer, photo, x, y) {
  const base = layer?.shown?.base, c = scratch();
  if (!base) return [0, 0, 0];
  const share = base.width / photo.width, most = [base.width - SIDE, base.height - SIDE];
  const [left, top] = [x, y].map((v, i) => Math.max(0, Math.min(most[i], Math.floor(v * share) - 1)));
  c.drawImage(base, left, top, SIDE, SIDE, 0, 0, SIDE, SIDE);
  return seen(c);
}

/** The colour of a picture of the page at shares of its box. */
function taken(image, x, y) {
  const { width, height } = image.getBoundingClientRect(), c = scratch();
  // object-fit: cover shows the middle of the picture
  const share = Math.max(width / image.naturalWidth, height / image.naturalHeight);
  const left = ((x - 0.5) * width) / share + image.naturalWidth / 2, top = ((y - 0.5) * height) / share + image.naturalHeight / 2;
  const inside = (v, most) => Math.max(0, Math.min(most - 5, v - 2));
  c.drawImage(image, inside(left, image.naturalWidth), inside(top, image.naturalHeight), 5, 5, 0, 0, SIDE, SIDE);
  return seen(c);
}

/** Waits for a click on a picture of the page, or for Enter on one, over which arrow keys move a cross; `took(rgb)` hears
 * its colour. Returns what ends the waiting. */
export function waitForPick(took) {
  const cross = el("span", { class: "b-cross", "aria-hidden": "true" });
  const images = [...document.querySelectorAll(PICTURES)], end = new AbortController();
  let at = [0.5, 0.5];
  const put = (image, place) => {
    at = place.map((v) => Math.max(0, Math.min(1, v)));
    [cross.style.left, cross.style.top] = at.map((v) => `${v * 100}%`);
    image.after(cross);
  };
  const on = (event, hand) =>
    document.addEventListener(event, (e) => {
      const image = e.target.closest?.(PICTURES);
      if (!image || hand(e, image) === false) return;
      e.preventDefault();
      e.stopPropagation();
    }, { capture: true, signal: end.signal });
  on("click", (event, image) => {
    const box = image.getBoundingClientRect();
    took(taken(image, (event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height));
  });
  on("keydown", (event, image) => {
    const step = event.shiftKey ? 0.2 : 0.05;
    const way = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key];
    if (way) put(image, at.map((v, i) => v + way[i]));
    else if (event.key === "Enter" || event.key === " ") took(taken(image, ...at));
    else return false;
  });
  on("focusin", (event, image) => put(image, [0.5, 0.5]));
  for (const image of images) image.tabIndex = 0, image.setAttribute("role", "button");
  return () => {
    end.abort();
    cross.remove();
    for (const image of images) image.removeAttribute("tabindex"), image.removeAttribute("role");
  };
}
