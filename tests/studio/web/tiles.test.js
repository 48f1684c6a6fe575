import assert from "node:assert/strict";
import { test } from "node:test";

import { Layer } from "../../../src/barva/studio/web/picture/tiles.js";

const PHOTO = { key: "w", address: "/w", width: 1024, height: 1024, base: 256, tile: 512, levels: 2, version: 1 };
const settled = () => new Promise((resolve) => setImmediate(resolve));

test("a tile that fails is tried again after a while that grows, not with each drawing", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  /** @type {string[]} */
  const asked = [];
  let broken = true;
  Object.assign(globalThis, {
    fetch: async (/** @type {string} */ what) => {
      asked.push(what);
      return { ok: what === "base" || !broken, status: 500, blob: async () => what };
    },
    createImageBitmap: async () => ({ close() {} }),
  });
  const canvas = /** @type {any} */ ({ drawImage() {} });
  /** @type {Layer} */
  const layer = new Layer(PHOTO, (_, what) => what, () => layer.draw(canvas, keys, false), () => []);
  /** @type {string[]} */
  let keys = [];
  layer.show(1);
  await settled();
  keys = ["0/0/0"];
  layer.changed();
  await settled();
  const tries = () => asked.filter((what) => what === "0/0/0").length;
  assert.equal(tries(), 1);
  for (const [wait, count] of [[999, 1], [1, 2], [1999, 2], [1, 3], [4000, 4], [8000, 5], [16_000, 6], [30_000, 7]]) {
    t.mock.timers.tick(wait);
    layer.changed(); // other things are drawn meanwhile
    await settled();
    assert.equal(tries(), count, `after ${wait} more milliseconds`);
  }
  broken = false;
  t.mock.timers.tick(30_000);
  await settled();
  assert.equal(tries(), 8);
  t.mock.timers.tick(60_000);
  layer.changed();
  await settled();
  assert.equal(tries(), 8); // it is there
  layer.close();
});
