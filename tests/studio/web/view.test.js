import assert from "node:assert/strict";
import { test } from "node:test";

import { Gesture } from "../../../src/barva/studio/web/picture/tools.js";
import { View } from "../../../src/barva/studio/web/picture/view.js";

const PHOTO = { width: 4000, height: 3000 };

function fitted(width = 1000, height = 800) {
  let drawn = 0;
  const view = new View({ clientWidth: width, clientHeight: height }, PHOTO, () => drawn++);
  view.fit();
  return { view, drawn: () => drawn };
}

/** @param {Place} actual @param {Place} expected */
function near(actual, expected) {
  assert.ok(Math.hypot(actual[0] - expected[0], actual[1] - expected[1]) < 1e-6, `${actual}, not ${expected}`);
}

test("a fitted photo lies whole on the stage, in the middle, with its air", () => {
  for (const [width, height] of [[1000, 800], [360, 640], [2000, 300]]) {
    const { view } = fitted(width, height);
    const [left, top] = view.toStage([0, 0]), [right, bottom] = view.toStage([4000, 3000]);
    assert.ok(left >= view.air.side - 1e-9 && top >= view.air.top - 1e-9, `${width}`);
    assert.ok(right <= width - view.air.side + 1e-9 && bottom <= height - view.air.bottom + 1e-9, `${width}`);
    assert.ok(Math.abs(left - (width - right)) < 1e-9);
    assert.equal(view.fitted, true);
  }
});

test("screen to photo and back", () => {
  const { view } = fitted();
  for (const place of /** @type {Place[]} */ ([[0, 0], [4000, 3000], [123.4, 2999]])) near(view.toPhoto(view.toStage(place)), place);
  assert.deepEqual(view.covers([0, 0]), true);
  assert.deepEqual(view.covers([4000, 10]), false);
  assert.deepEqual(view.covers([10, -0.1]), false);
});

test("zooming keeps the place below the pointer", () => {
  const { view, drawn } = fitted();
  /** @type {Place} */
  const at = [333, 222], before = view.toPhoto(at), count = drawn();
  view.zoom(3, at);
  near(view.toPhoto(at), before);
  assert.equal(view.fitted, false);
  assert.ok(drawn() > count);
  const middle = view.toPhoto([500, 400]);
  view.zoom(2);
  near(view.toPhoto([500, 400]), middle);
});

test("zooming ends at 32 pixels a pixel, and at half the fitted size", () => {
  const { view } = fitted(), scale = view.scale;
  view.zoom(1e6);
  assert.equal(view.scale, 32);
  view.zoom(1e-9);
  assert.ok(Math.abs(view.scale - scale / 2) < 1e-12);
});

test("the photo cannot be moved out of sight", () => {
  const { view } = fitted();
  for (const [dx, dy] of [[1e5, 0], [-1e5, 0], [0, 1e5], [0, -1e5]]) {
    view.pan(dx, dy);
    const { left, top, right, bottom } = view.seen();
    assert.ok(right > 0 && bottom > 0 && left < 4000 && top < 3000, `${dx}, ${dy}`);
  }
});

test("gestures become shapes of the photo", () => {
  const { view } = fitted();
  /** @param {Tool} tool @param {Place[]} places @param {boolean} clicked */
  const draw = (tool, places, clicked = false) => {
    const gesture = new Gesture(tool, places[0], view, "add");
    places.slice(1).forEach((place) => gesture.move(place));
    return gesture.end(clicked, 10);
  };
  assert.deepEqual(draw("point", [[10.04, 20]], true), { kind: "point", at: [10, 20] });
  assert.deepEqual(draw("box", [[50, 60], [10, 20]]), { kind: "box", box: [10, 20, 50, 60] });
  assert.equal(draw("box", [[50, 60], [51, 90]]), null); // too thin
  assert.equal(draw("box", [[50, 60], [90, 90]], true), null);
  assert.equal(draw("lasso", [[0, 0], [500, 0]]), null);
  assert.deepEqual(draw("lasso", [[0, 0], [500, 0], [500, 500]]), { kind: "region", op: "lasso", along: [[0, 0], [500, 0], [500, 500]], mode: "add" });
  assert.deepEqual(draw("grow", [[7, 8]], true), { kind: "region", op: "grow", at: [7, 8], mode: "add" });
  const width = Math.round((200 / view.scale)) / 10;
  assert.deepEqual(draw("stroke", [[100, 100], [900, 100]]), { kind: "stroke", along: [[100, 100], [900, 100]], width });
  // beyond the photo a stroke goes along its border
  assert.deepEqual(draw("stroke", [[100, 100], [-900, 100]]), { kind: "stroke", along: [[100, 100], [0, 100]], width });
});
