import assert from "node:assert/strict";
import { test } from "node:test";

import { Batch, isFilm, isScene } from "../../../src/barva/studio/web/picture/uploads.js";

/** @param {string} name */
const file = (name, type = "") => /** @type {File} */ ({ name, type });

test("films are told from photos and scenes by their type or their name", () => {
  for (const name of ["a.mp4", "a.MOV", "newsreel.mpeg", "b.mkv", "c.ts"]) assert.ok(isFilm(file(name)), name);
  assert.ok(isFilm(file("unnamed", "video/quicktime")));
  for (const name of ["a.jpg", "a.gif", "mp4", "a.mp4.png", "scene.jsonld"]) assert.ok(!isFilm(file(name)), name);
  assert.ok(isScene(file("scene.jsonld")) && !isScene(file("a.mp4")));
});

test("of files that are sent at once one is told of until it is through, and not too often", (t) => {
  let now = 1000;
  t.mock.method(performance, "now", () => now);
  /** @type {unknown[]} */
  const told = [];
  const batch = new Batch(3, "photo", (event, data) => event === "uploading" && told.push([data?.name, data?.share, data?.index]));
  const later = () => (now += 300);
  batch.progress("a", 0);
  batch.progress("b", 0);
  batch.progress("a", 0.1); // too soon
  for (const [name, share] of /** @type {[string, number][]} */ ([["b", 0.5], ["a", 0.25], ["b", 0.75]])) {
    later();
    batch.progress(name, share);
  }
  batch.end(0, "a", {});
  later();
  batch.progress("b", 0.9);
  assert.deepEqual(told, [["a", 0, 0], ["a", 0.25, 0], ["b", 0.9, 1]]);
});
