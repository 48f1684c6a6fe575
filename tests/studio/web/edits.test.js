import assert from "node:assert/strict";
import { test } from "node:test";

import { Edits } from "../../../src/barva/studio/web/picture/edits.js";

const WORDS = { point: "Spot", stroke: "Stroke", box: "Box" };
const PHOTO = { key: "w", width: 100, height: 80 };
/** @type {Mark} */
const RED = { id: "a", kind: "point", color: "#ff0000", handle: [10, 20], label: "Spot" };

test("numbers go up until all is done, and begin anew with another sender", () => {
  const edits = new Edits();
  assert.deepEqual([1, 2, 3], [1, 2, 3].map(() => edits.add("w", "undo", {}).n));
  const { from } = edits;
  assert.equal(edits.confirm("somebody else", 3), false);
  assert.equal(edits.list.length, 3);
  assert.equal(edits.confirm(from, 2), true);
  assert.deepEqual(edits.list.map((edit) => edit.n), [3]);
  assert.equal(edits.add("w", "undo", {}).n, 4);
  edits.confirm(from, 4);
  assert.equal(edits.text, "");
  assert.equal(edits.add("w", "undo", {}).n, 1);
  assert.notEqual(edits.from, from);
});

test("a message carries its number, its photo and the first that is unsent", () => {
  const edits = new Edits();
  edits.add("w", "remove", { id: "a" });
  const second = edits.add("w", "mark", { id: "b" });
  assert.deepEqual(edits.message(second), { id: "b", sender: { from: edits.from, n: 2, first: 1, work: "w" } });
  edits.confirm(edits.from, 1);
  assert.equal(edits.message(second).sender.first, 2);
});

test("a reload brings all back, as if nothing was sent", () => {
  const edits = new Edits();
  Object.assign(edits.add("w", "mark", { id: "a", color: "#00ff00" }), { sent: 123, first: 100 });
  edits.add("v", "remove", { id: "b" });
  const again = new Edits(edits.text);
  assert.equal(again.from, edits.from);
  assert.deepEqual(again.list.map(({ n, work, event, sent, first }) => [n, work, event, sent, first]),
    [[1, "w", "mark", 0, undefined], [2, "v", "remove", 0, undefined]]);
  assert.equal(again.add("w", "undo", {}).n, 3);
});

test("what was kept may be anything", () => {
  for (const text of ["", "{", "null", "[]", "{}", '{"edits": 1}', '{"edits": [], "from": 1, "next": 1}', '{"edits": [], "from": "x"}'])
    assert.deepEqual({ ...new Edits(text) }, { list: [], from: "", next: 1 }, text);
});

test("marks are shown as the unsent edits of this photo leave them", () => {
  const edits = new Edits();
  edits.add("w", "mark", { id: "a", kind: "point", at: [10, 20], color: "#0000ff" });
  edits.add("w", "mark", { id: "b", kind: "box", box: [0, 10, 20, 30], color: "#00ff00" });
  edits.add("w", "mark", { id: "r", kind: "region", color: "#00ff00" }); // lies where the server has it
  edits.add("v", "remove", { id: "a" }); // of another photo
  const marks = edits.applyTo([RED], PHOTO, WORDS);
  assert.deepEqual(marks.map(({ id, color, handle }) => [id, color, handle]), [["a", "#0000ff", [10, 20]], ["b", "#00ff00", [10, 20]]]);
  assert.equal(marks[1].label, "Box, #00ff00, 10, 20");
  edits.add("w", "remove", { id: "b" });
  assert.deepEqual(edits.applyTo([RED], PHOTO, WORDS).map((mark) => mark.id), ["a"]);
  assert.equal(RED.color, "#ff0000"); // the page's own marks are not changed
  assert.deepEqual(edits.applyTo([RED], null, WORDS), [RED]);
});

test("unsent moves and names are shown too, as the server will have them", () => {
  /** @type {Mark[]} */
  const given = [
    { id: "p", kind: "point", color: "#ff0000", handle: [10, 20], title: "Spot", name: "", label: "Spot, red, 10, 20" },
    { id: "s", kind: "stroke", color: "#ff0000", handle: [30, 40], along: [[10, 20], [30, 40]], title: "Stroke", label: "Stroke, red, 30, 40" },
    { id: "b", kind: "box", color: "#ff0000", handle: [20, 30], box: [10, 20, 30, 40], title: "Box", label: "Box, red, 20, 30" },
    { id: "o", kind: "object", color: "#ff0000", handle: [50, 60], title: "Sky, old", name: "Sky, old", label: "Sky, old, red, 50, 60" },
  ];
  const edits = new Edits(), before = structuredClone(given);
  for (const [id, at] of [["p", [12.4, 25]], ["s", [28, 41]], ["b", [500, 500]], ["o", [1, 1]]]) edits.add("w", "move", { id, at, final: true });
  edits.add("w", "move", { id: "gone", at: [1, 1], final: true });
  edits.add("w", "rename", { id: "o", text: "  New   sky " });
  const [point, stroke, box, object] = edits.applyTo(given, PHOTO, WORDS);
  assert.deepEqual([point.handle, point.label], [[12.4, 25], "Spot, red, 12, 25"]);
  assert.deepEqual([stroke.handle, stroke.along], [[28, 41], [[8, 21], [28, 41]]]);
  assert.deepEqual([box.handle, box.box], [[90, 70], [80, 60, 100, 80]]); // as far as all of it stays on the photo
  assert.deepEqual([object.handle, object.name, object.title, object.label], [[50, 60], "New sky", "New sky", "New sky, red, 50, 60"]);
  edits.add("w", "mark", { id: "n", kind: "point", at: [99, 5], color: "#00ff00" });
  edits.add("w", "move", { id: "n", at: [-5, 5], final: true }); // drawn and moved while the server is away
  assert.deepEqual(edits.applyTo([], PHOTO, WORDS).map(({ handle, label }) => [handle, label]), [[[0, 5], "Spot, #00ff00, 0, 5"]]);
  edits.add("w", "rename", { id: "o", text: " " });
  const nameless = edits.applyTo(given, PHOTO, WORDS)[3];
  assert.deepEqual([nameless.name, nameless.title], ["", "New sky"]);
  assert.deepEqual(given, before);
});
