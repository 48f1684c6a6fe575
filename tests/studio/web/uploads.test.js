import assert from "node:assert/strict";
import { test } from "node:test";

import { isFilm, isScene } from "../../../src/barva/studio/web/picture/uploads.js";

/** @param {string} name */
const file = (name, type = "") => /** @type {File} */ ({ name, type });

test("films are told from photos and scenes by their type or their name", () => {
  for (const name of ["a.mp4", "a.MOV", "newsreel.mpeg", "b.mkv", "c.ts"]) assert.ok(isFilm(file(name)), name);
  assert.ok(isFilm(file("unnamed", "video/quicktime")));
  for (const name of ["a.jpg", "a.gif", "mp4", "a.mp4.png", "scene.jsonld"]) assert.ok(!isFilm(file(name)), name);
  assert.ok(isScene(file("scene.jsonld")) && !isScene(file("a.mp4")));
});
