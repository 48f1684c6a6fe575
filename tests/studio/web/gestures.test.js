import assert from "node:assert/strict";
import { test } from "node:test";

import { listenToGestures } from "../../../src/barva/studio/web/picture/gestures.js";

/** A stage, what was done on it, and a function that lets a pointer do something there. */
function staged() {
  /** @type {string[]} */
  const done = [];
  const stage = Object.assign(new EventTarget(), {
    closest: () => null,
    getBoundingClientRect: () => ({ left: 0, top: 0 }),
    setPointerCapture: () => {},
  });
  Object.assign(globalThis, { Element: EventTarget });
  const view = { pan: () => done.push("pan"), zoom: () => done.push("zoom") };
  listenToGestures(/** @type {any} */ (stage), {
    view: () => /** @type {any} */ (view),
    begin: () => (done.push("begin"), "draw"),
    move: () => done.push("move"),
    end: (clicked) => done.push(clicked ? "click" : "end"),
    cancel: () => done.push("cancel"),
    hover: () => {},
  });
  /** @param {string} type @param {object} more */
  const point = (type, more = {}) =>
    stage.dispatchEvent(Object.assign(new Event(type), { pointerId: 1, button: 0, clientX: 10, clientY: 10, ...more }));
  return { done, point };
}

test("the left button draws, the middle one pans, the others do nothing", () => {
  for (const [button, wanted] of /** @type {[number, string[]][]} */ ([[0, ["begin", "move", "end"]], [1, ["pan"]], [2, []], [3, []], [5, []]])) {
    const { done, point } = staged();
    point("pointerdown", { button });
    point("pointermove", { button: -1, clientX: 90 });
    point("pointerup", { button });
    point("lostpointercapture");
    assert.deepEqual(done, wanted, `button ${button}`);
  }
});

test("a pointer that the browser takes away cancels what it was drawing", () => {
  for (const type of ["pointercancel", "lostpointercapture"]) {
    const { done, point } = staged();
    point("pointerdown");
    point("pointermove", { clientX: 90 });
    point(type);
    point("pointermove", { clientX: 50 });
    point("pointerup");
    assert.deepEqual(done, ["begin", "move", "cancel"], type);
  }
});
