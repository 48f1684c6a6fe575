import assert from "node:assert/strict";
import { test } from "node:test";

import { boxAround, boxBetween, center, keepInside, leftBeside, shiftBox, simplify, tilesFor } from "../../../src/barva/studio/web/picture/geometry.js";

/** Distance of a place from the line through `places`. @param {Place} place @param {Place[]} places */
function distance([x, y], places) {
  let least = Infinity;
  for (let i = 1; i < places.length; i++) {
    const [x1, y1] = places[i - 1], [x2, y2] = places[i], [dx, dy] = [x2 - x1, y2 - y1];
    const t = Math.max(0, Math.min(1, ((x - x1) * dx + (y - y1) * dy) / (dx * dx + dy * dy || 1)));
    least = Math.min(least, Math.hypot(x - x1 - t * dx, y - y1 - t * dy));
  }
  return least;
}

test("a box is the same whichever way it is drawn", () => {
  const box = [10, 20, 30.4, 50];
  assert.deepEqual(boxBetween([10, 20], [30.42, 50]), box);
  assert.deepEqual(boxBetween([30.42, 50], [10, 20]), box);
  assert.deepEqual(boxBetween([10, 50], [30.42, 20]), box);
  assert.deepEqual(center([10, 20, 30, 50]), [20, 35]);
  assert.deepEqual(shiftBox([1, 2, 3, 4], [10, -1]), [11, 1, 13, 3]);
});

test("a straight stroke is two places, however many it had", () => {
  /** @type {Place[]} */
  const straight = Array.from({ length: 500 }, (_, i) => [i, 2 * i]);
  assert.deepEqual(simplify(straight, 0.6), [[0, 0], [499, 998]]);
});

test("a curved stroke gets thinner and stays where it is", () => {
  /** @type {Place[]} */
  const curve = Array.from({ length: 400 }, (_, i) => [i, 60 * Math.sin(i / 40)]);
  const thin = simplify(curve, 0.6);
  assert.ok(thin.length < 40, `${thin.length} places`);
  assert.deepEqual([thin[0], thin.at(-1)], [curve[0], curve.at(-1)]);
  for (const place of curve) assert.ok(distance(place, thin) <= 0.6 + 1e-9);
});

test("corners and closed strokes are kept", () => {
  assert.deepEqual(simplify([[0, 0], [5, 0.1], [10, 0], [10, 5], [10, 10]], 0.6), [[0, 0], [10, 0], [10, 10]]);
  const loop = simplify([[0, 0], [10, 0], [10, 10], [0, 10], [0, 0]], 0.6);
  assert.deepEqual(loop, [[0, 0], [10, 0], [10, 10], [0, 10], [0, 0]]);
  assert.deepEqual(simplify([[3, 3]], 0.6), [[3, 3]]);
});

test("a dragged mark stays on the photo with all its corners", () => {
  const photo = { width: 100, height: 50 };
  assert.deepEqual(keepInside([40, 20], [10, 10], [[10, 10]], photo), [40, 20]);
  assert.deepEqual(keepInside([400, -3], [10, 10], [[10, 10]], photo), [99, 0]);
  // a box of 20 by 10 whose handle is its middle
  assert.deepEqual(keepInside([0, 0], [50, 25], [[40, 20], [60, 30]], photo), [10, 5]);
  assert.deepEqual(keepInside([99, 49], [50, 25], [[40, 20], [60, 30]], photo), [89, 44]);
});

test("tiles are those that are seen, at the level that fits", () => {
  const photo = { key: "k", address: "/", width: 4000, height: 3000, base: 1000, tile: 512, levels: 3, version: 1 };
  const all = { left: 0, top: 0, right: 4000, bottom: 3000 };
  assert.deepEqual(tilesFor(photo, all, 0.25), []); // the small whole is as fine
  assert.deepEqual(tilesFor(photo, { left: 600, top: 0, right: 1000, bottom: 500 }, 1), ["0/1/0"]);
  assert.deepEqual(tilesFor(photo, { left: 500, top: 500, right: 600, bottom: 600 }, 2), ["0/0/0", "0/1/0", "0/0/1", "0/1/1"]);
  assert.equal(tilesFor(photo, all, 0.5).length, 4 * 3); // tiles of 1024 pixels
  assert.ok(tilesFor(photo, all, 0.5).every((key) => key.startsWith("1/")));
  // beyond the photo's borders lies nothing
  assert.deepEqual(tilesFor(photo, { left: -900, top: -900, right: 10, bottom: 10 }, 1), ["0/0/0"]);
});

test("what lies beside a box is at its right, at its left, or else beside the place", () => {
  const own = 276, width = 1000;
  assert.equal(leftBeside([100, 0, 300, 10], 200, own, width), 324);
  assert.equal(leftBeside([600, 0, 900, 10], 700, own, width), 300);
  assert.equal(leftBeside([50, 0, 990, 10], 200, own, width), 224);
  assert.equal(leftBeside([50, 0, 990, 10], 900, own, width), 600);
  assert.equal(leftBeside([500, 0, 500, 0], 500, own, width), 524, "a point is a box, too");
});

test("the box around places is the smallest", () => {
  assert.deepEqual(boxAround([[3, 9], [1, 10], [2, 4]]), [1, 4, 3, 10]);
});
