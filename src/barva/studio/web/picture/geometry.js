// Places, boxes and lines. Nothing here knows the page.

/** @param {number} v @param {number} low @param {number} high */
export const clamp = (v, low, high) => Math.max(low, Math.min(high, v));

/** To a tenth of a pixel, which is as exact as messages and files need. @param {number} v */
export const round = (v) => Math.round(v * 10) / 10;

/** @param {Box} box @returns {Place} */
export const center = ([left, top, right, bottom]) => [(left + right) / 2, (top + bottom) / 2];

/** The box between two places, whichever way it was drawn. @param {Place} from @param {Place} to @returns {Box} */
export function boxBetween([x, y], [x2, y2]) {
  return [round(Math.min(x, x2)), round(Math.min(y, y2)), round(Math.max(x, x2)), round(Math.max(y, y2))];
}

/** @param {Place} place @param {Place} by @returns {Place} */
export const shiftPlace = ([x, y], [dx, dy]) => [x + dx, y + dy];

/** @param {Box} box @param {Place} by @returns {Box} */
export const shiftBox = ([left, top, right, bottom], [dx, dy]) => [left + dx, top + dy, right + dx, bottom + dy];

/** The smallest box around places. @param {Place[]} places @returns {Box} */
export function boxAround(places) {
  const [xs, ys] = [places.map(([x]) => x), places.map(([, y]) => y)];
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

/** Where the left edge goes of what shall lie beside `[left, , right]`: at its right, else at its left; where neither has
 * room, beside the place `x` that lies in it. All are CSS pixels.
 * @param {Box} box @param {number} x @param {number} own its width @param {number} width of the stage */
export function leftBeside([left, , right], x, own, width) {
  const gap = 24, edge = 8;
  const free = [right + gap, left - gap - own, x + gap].find((start) => start >= edge && start + own <= width - edge);
  return free ?? x - gap - own;
}

/** Where a handle comes to that is dragged to `to`, as far as all `corners` of its mark stay on the photo.
 * @param {Place} to @param {Place} handle @param {Place[]} corners @param {{ width: number, height: number }} photo
 * @returns {Place} */
export function keepInside(to, handle, corners, { width, height }) {
  /** @param {0 | 1} axis @param {number} size */
  const along = (axis, size) => {
    const offsets = corners.map((corner) => corner[axis] - handle[axis]);
    return round(clamp(to[axis], 0 - Math.min(...offsets), size - 1 - Math.max(...offsets)));
  };
  return [along(0, width), along(1, height)];
}

/** A line with fewer places, none of which was farther than `tolerance` from it (Ramer 1972; Douglas and Peucker 1973).
 * @param {Place[]} places @param {number} tolerance @returns {Place[]} */
export function simplify(places, tolerance) {
  if (places.length < 3) return places;
  const [x1, y1] = places[0], [x2, y2] = places[places.length - 1];
  const length = Math.hypot(x2 - x1, y2 - y1);
  let farthest = 0, index = 0;
  for (let i = 1; i < places.length - 1; i++) {
    const [x, y] = places[i];
    const distance = length ? Math.abs((y2 - y1) * x - (x2 - x1) * y + x2 * y1 - y2 * x1) / length : Math.hypot(x - x1, y - y1);
    if (distance > farthest) [farthest, index] = [distance, i];
  }
  if (farthest <= tolerance) return [places[0], places[places.length - 1]];
  return [...simplify(places.slice(0, index + 1), tolerance).slice(0, -1), ...simplify(places.slice(index), tolerance)];
}

/** Keys "level/column/row" of the tiles that `seen` (photo's pixels) needs at `scale` device pixels a photo's pixel; none
 * where the small whole is fine enough.
 * @param {Photo} photo @param {{ left: number, top: number, right: number, bottom: number }} seen @param {number} scale */
export function tilesFor(photo, seen, scale) {
  if (scale <= (photo.base / photo.width) * 1.1) return [];
  const level = clamp(Math.floor(Math.log2(1 / scale) + 0.15), 0, photo.levels - 1);
  if (photo.width / 2 ** level <= photo.base) return [];
  const side = photo.tile * 2 ** level;
  const keys = [];
  for (let row = Math.floor(Math.max(0, seen.top) / side); row * side < Math.min(seen.bottom, photo.height); row++)
    for (let column = Math.floor(Math.max(0, seen.left) / side); column * side < Math.min(seen.right, photo.width); column++)
      keys.push(`${level}/${column}/${row}`);
  return keys;
}
