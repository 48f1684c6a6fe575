// Aiming by keyboard: arrow keys move a cross over the photo (the photo itself with the hand), Enter clicks there. With a
// tool that draws, Enter begins, arrow keys draw, Enter ends, Escape cancels.

import { clamp } from "./geometry.js";

const STEP = 8; // CSS pixels; five times as far with Shift
const DRAWN = new Set(["stroke", "box", "lasso", "brush"]);
/** @type {Record<string, Place>} */
const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** Take a key on the stage; places are in CSS pixels, and `begin` returns whether something is drawn now. Returns whether
 * it was a key for this.
 * @param {Pick<import("./pointer.js").Pointer, "cursor" | "gesture">} pointer @param {Tool} tool
 * @param {import("./view.js").View} view @param {KeyboardEvent} event
 * @param {{ begin(at: Place): boolean, move(at: Place): void, end(): void }} actions */
export function aim(pointer, tool, view, event, actions) {
  const { width, height } = view.size;
  const step = event.shiftKey ? 5 * STEP : STEP, way = WAYS[event.key];
  /** @param {Place} place @returns {Place} */
  const onStage = ([x, y]) => [clamp(x, 0, width), clamp(y, 0, height)];
  const now = pointer.cursor ?? onStage(view.toStage([view.photo.width / 2, view.photo.height / 2]));
  if (way && tool === "hand") view.pan(-way[0] * step * 2, -way[1] * step * 2);
  else if (way) {
    pointer.cursor = onStage([now[0] + way[0] * step, now[1] + way[1] * step]);
    actions.move(pointer.cursor);
  } else if (event.key === "Enter" && tool !== "hand") {
    if (!event.repeat && (pointer.gesture || (actions.begin(now) && !DRAWN.has(tool)))) actions.end();
    pointer.cursor = now;
  } else return false;
  event.preventDefault();
  event.stopPropagation();
  return true;
}
