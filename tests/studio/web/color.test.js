import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { fullHex, gamutShare, hexToRgb, ink, isHex, labToHex, labToRgb, rgbToHex, rgbToLab } from "../../../src/barva/studio/web/picture/color.js";

/** @type {[Rgb, Lab][]} of barva.color.spaces (test_page_colors.py) */
const COLORS = JSON.parse(readFileSync(new URL("colors.json", import.meta.url), "utf8"));

test("Lab is that of barva.color.spaces", () => {
  assert.equal(COLORS.length, 1000);
  for (const [rgb, lab] of COLORS)
    rgbToLab(rgb).forEach((value, i) => assert.ok(Math.abs(value - lab[i]) < 1e-3, `${rgb}: ${rgbToLab(rgb)}, not ${lab}`));
});

test("colors of 8 bits come back exactly", () => {
  for (const [rgb] of COLORS) assert.deepEqual(labToRgb(...rgbToLab(rgb)), rgb);
});

test("grays have no chroma at all", () => {
  for (let v = 0; v < 256; v++) {
    const [, a, b] = rgbToLab([v, v, v]);
    assert.deepEqual([a, b], [0, 0]);
  }
});

test("a color outside of sRGB is drawn towards gray, and its light stays", () => {
  for (const L of [10, 30, 50, 70, 90])
    for (let hue = 0; hue < 360; hue += 15) {
      const a = 150 * Math.cos((hue * Math.PI) / 180), b = 150 * Math.sin((hue * Math.PI) / 180);
      const share = gamutShare(L, a, b);
      assert.ok(share > 0 && share < 1, `${L}, ${hue}`);
      assert.ok(Math.abs(rgbToLab(labToRgb(L, a, b))[0] - L) < 1, `${L}, ${hue}`);
    }
  assert.equal(gamutShare(50, 20, 20), 1);
});

test("texts of colors", () => {
  for (const text of ["#7a1f1f", "7A1F1F", "#abc", " abc ", "000"]) assert.ok(isHex(text), text);
  for (const text of ["", "#", "#ab", "#abcd", "red", "#7a1f1g", "#7a1f1f00"]) assert.ok(!isHex(text), text);
  assert.equal(fullHex(" #AbC "), "#aabbcc");
  assert.deepEqual(hexToRgb("#7A1f00"), [122, 31, 0]);
  assert.deepEqual(hexToRgb("fff"), [255, 255, 255]);
  assert.equal(rgbToHex([0, 15, 255]), "#000fff");
  assert.equal(labToHex(100, 0, 0), "#ffffff");
});

test("ink is read on its ground", () => {
  assert.equal(ink("#ffffff"), "#111");
  assert.equal(ink("#ffff00"), "#111");
  assert.equal(ink("#000080"), "#fff");
});
