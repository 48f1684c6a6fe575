// Aiming by keyboard: arrow keys move a cross over the photo (the photo itself with the hand), Enter clicks there. With a
// tool that draws, Enter begins, arrow keys draw, Enter ends, Escape cancels.

const STEP = 8; // CSS pixels; five times as far with Shift
const DRAWN = new Set(["stroke", "box", "lasso", "brush"]);

/** Take a key on the stage; `hands` = { begin(at) -> whether something is drawn now, move(at), end() }, in CSS pixels.
 * Whether it was a key for this. */
export function aimed(picture, event, hands) {
  const { view, tool } = picture, { width, height } = view.size;
  const step = event.shiftKey ? 5 * STEP : STEP;
  const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
  const inside = (v, most) => Math.max(0, Math.min(most, v));
  const [x, y] = view.toStage(view.photo.width / 2, view.photo.height / 2);
  const now = picture.cursor ?? [inside(x, width), inside(y, height)];
  if (way && tool === "hand") view.pan(-way[0] * step * 2, -way[1] * step * 2);
  else if (way) {
    picture.cursor = [inside(now[0] + way[0] * step, width), inside(now[1] + way[1] * step, height)];
    hands.move(picture.cursor);
  } else if (event.key === "Enter" && tool !== "hand") {
    if (!event.repeat && (picture.gesture || (hands.begin(now) && !DRAWN.has(tool)))) hands.end();
    picture.cursor = now;
  } else return false;
  event.preventDefault();
  event.stopPropagation();
  return true;
}
