// Drawing: the layers on one canvas, everything that lies over them on another.

import { contextOf } from "./dom.js";
import { strokeAs } from "./lines.js";

/** @typedef {import("./index.js").Picture} Picture */
/** @typedef {import("./view.js").View} View */

const GRAIN = 2.5; // device pixels a photo's pixel from which each is shown as it is

/** The canvas at the stage's size, empty; its context in CSS pixels.
 * @param {HTMLCanvasElement} canvas @param {HTMLElement} stage */
export function cleared(canvas, stage) {
  const { clientWidth: w, clientHeight: h } = stage, ratio = devicePixelRatio;
  if (canvas.width !== Math.round(w * ratio) || canvas.height !== Math.round(h * ratio))
    [canvas.width, canvas.height] = [Math.round(w * ratio), Math.round(h * ratio)];
  const c = contextOf(canvas);
  c.setTransform(ratio, 0, 0, ratio, 0, 0);
  c.clearRect(0, 0, w, h);
  return c;
}

/** The photo before and after, with the border between them where both are shown.
 * @param {Picture} picture @param {View} view @param {string[]} keys of tiles */
export function paint(picture, view, keys) {
  const { layers } = picture, { width, height } = view.size;
  const c = cleared(picture.canvas, picture.stage);
  const grain = view.scale * devicePixelRatio >= GRAIN;
  const before = picture.peeking || picture.bare || picture.compare === "before";
  const edge = picture.compare === "split" && !picture.bare ? picture.split.share * width : 0;
  /** @param {import("./tiles.js").Layer | undefined} layer @param {number} left @param {number} right */
  const draw = (layer, left, right) => {
    if (!layer?.shown || right <= left) return;
    c.save();
    c.beginPath();
    c.rect(left, 0, right - left, height);
    c.clip();
    c.translate(view.x, view.y);
    c.scale(view.scale, view.scale);
    layer.draw(c, keys, grain);
    c.restore();
  };
  draw(layers.photo, 0, before || !layers.color?.shown ? width : edge);
  if (!before) draw(layers.color, edge, width);
}

/** Veils, marks, what is being drawn, and the cursor. @param {Picture} picture @param {View} view */
export function paintOverlays(picture, view) {
  const { photo } = view, c = cleared(picture.over, picture.stage);
  const judging = picture.peeking || picture.judging || picture.compare !== "after"; // colors are compared: nothing over them
  const [left, top] = view.toStage([0, 0]);
  picture.veils.draw(c, judging ? ["overlay"] : ["overlay", "selection"], left, top, photo.width * view.scale, photo.height * view.scale);
  if (picture.peeking) return;
  picture.marks.draw(c, view);
  picture.pointer.gesture?.draw(c, picture.radius, picture.popover.recent[0]?.hex);
  paintCursor(picture, c);
}

/** The keyboard's cross, or the circle of a brush. @param {Picture} picture @param {CanvasRenderingContext2D} c */
function paintCursor(picture, c) {
  const brush = ["brush", "stroke"].includes(picture.tool) && !picture.popover.open;
  const at = picture.pointer.cursor ?? (brush ? picture.pointer.at : null);
  if (!at) return;
  const [x, y] = at;
  c.beginPath();
  if (picture.pointer.cursor) {
    c.moveTo(x - 14, y);
    c.lineTo(x + 14, y);
    c.moveTo(x, y - 14);
    c.lineTo(x, y + 14);
  } else c.arc(x, y, picture.radius, 0, 7);
  strokeAs(c, 3, "rgba(0,0,0,.5)");
  strokeAs(c, 1.5, "#fff");
}
