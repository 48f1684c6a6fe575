import assert from "node:assert/strict";
import { test } from "node:test";

import { controlShortcut, keyOf, SHORTCUTS } from "../../../src/barva/studio/web/picture/keys.js";
import { Batch, fileName } from "../../../src/barva/studio/web/picture/uploads.js";
import { shelf } from "../../../src/barva/studio/web/photos/shelf.js";

/** @param {string} key @returns {Row} */
const row = (key) => ({ key, name: `${key}.jpg`, state: "open", text: "", thumb: "" });

test("rows follow the server's changes", () => {
  /** @type {string[]} */
  const shown = [];
  const end = shelf.watch((key) => shown.push(key));
  shelf.fill([row("c"), row("b"), row("a")]);
  shelf.add([[0, row("e")], [2, row("d")]]);
  assert.deepEqual(shelf.rows.map(({ key }) => key), ["e", "c", "d", "b", "a"]);
  shelf.drop(["c", "a", "nothing"]);
  shelf.change([{ key: "d", state: "failed" }, { key: "gone", state: "done" }]);
  assert.deepEqual(shelf.rows.map(({ key, state }) => [key, state]), [["e", "open"], ["d", "failed"], ["b", "open"]]);
  shelf.show("b");
  shelf.show("b");
  assert.equal(shelf.current, "b");
  end();
  shelf.show("d");
  assert.deepEqual(shown, ["", "", "", "", "b"]);
});

test("many files make few messages, and none of them is left out", () => {
  /** @type {{ event: string, data: any }[]} */
  const events = [];
  const batch = new Batch(50, "photo", (event, data) => events.push({ event, data }));
  for (let index = batch.begin(); index < 50; index = batch.begin()) {
    batch.progress(`${index}.jpg`, 0.5);
    batch.end(index, `${index}.jpg`, { key: `k${index}` });
  }
  assert.equal(batch.close().length, 50);
  const uploaded = events.filter(({ event }) => event === "uploaded");
  assert.ok(events.length < 20, `${events.length} messages`);
  assert.deepEqual(uploaded.flatMap(({ data }) => data.files.map((/** @type {any} */ file) => file.index)), [...Array(50).keys()]);
  assert.deepEqual([uploaded[0].data.left, uploaded.at(-1)?.data.left], [49, 0]);
});

test("names of downloads", () => {
  assert.equal(fileName("attachment; filename*=UTF-8''%D0%BB%D1%96%D1%82%D0%BE.png"), "літо.png");
  assert.equal(fileName("attachment; filename=a.png"), "");
  assert.equal(fileName(null), "");
});

test("shortcuts lie on the same keys under a Ukrainian layout", () => {
  assert.equal(keyOf({ key: "з", code: "KeyP" }), "p");
  assert.equal(keyOf({ key: "Я", code: "KeyZ" }), "z");
  assert.equal(keyOf({ key: "P", code: "KeyP" }), "p");
  assert.equal(keyOf({ key: "ґ", code: "Backslash" }), "\\");
  assert.equal(keyOf({ key: "Escape", code: "Escape" }), "Escape");
  assert.equal(SHORTCUTS[keyOf({ key: "щ", code: "KeyO" })], "tool:grow");
  assert.equal(controlShortcut("z", false), "undo");
  assert.equal(controlShortcut("z", true), "redo");
  assert.equal(controlShortcut("q", false), undefined);
});
