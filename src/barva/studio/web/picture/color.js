// Lab (D65) and sRGB for the color wheel: the same transfer, matrix and white as barva.color.spaces, one color at a time.

/** @typedef {[[number, number, number], [number, number, number], [number, number, number]]} Matrix */

// linear RGB (column) to XYZ; each row is divided by its sum, so that white is X/Xn = Y/Yn = Z/Zn = 1
const RGB_TO_RELATIVE = /** @type {Matrix} */ (
  [[0.412453, 0.35758, 0.180423], [0.212671, 0.71516, 0.072169], [0.019334, 0.119193, 0.950227]].map((row) => {
    const white = row[0] + row[1] + row[2];
    return row.map((v) => v / white);
  })
);
const RELATIVE_TO_RGB = inverse(RGB_TO_RELATIVE);
const DELTA = 6 / 29; // CIELAB's cube root turns into a straight line below DELTA^3

/** @param {Matrix} matrix @returns {Matrix} */
function inverse([[a, b, c], [d, e, f], [g, h, i]]) {
  const determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  const rows = [
    [e * i - f * h, c * h - b * i, b * f - c * e],
    [f * g - d * i, a * i - c * g, c * d - a * f],
    [d * h - e * g, b * g - a * h, a * e - b * d],
  ];
  return /** @type {Matrix} */ (rows.map((row) => row.map((v) => v / determinant)));
}

/** `matrix` times a column, for rows that sum to 1: so written, grays stay gray to the last bit.
 * @param {Matrix} matrix @param {Lab | Rgb} column @returns {[number, number, number]} */
function mix(matrix, [first, middle, last]) {
  /** @param {number} row */
  const at = (row) => middle + matrix[row][0] * (first - middle) + matrix[row][2] * (last - middle);
  return [at(0), at(1), at(2)];
}

/** IEC 61966-2-1, 5.2. @param {number} v 0..1 */
const decode = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
/** IEC 61966-2-1, 5.3, to 8 bits. @param {number} v */
const encode = (v) => Math.round(255 * (v <= 0.0031308 ? 12.92 * Math.max(v, 0) : 1.055 * Math.min(v, 1) ** (1 / 2.4) - 0.055));
/** CIE 15:2004, equations 8.6 to 8.11. @param {number} t */
const compress = (t) => (t > DELTA ** 3 ? Math.cbrt(t) : t / (3 * DELTA ** 2) + 4 / 29);
/** The inverse of `compress`. @param {number} f */
const expand = (f) => (f > DELTA ? f ** 3 : (f - 4 / 29) * (3 * DELTA ** 2));

/** Linear RGB, which may lie outside of 0..1. @param {number} L 0..100 @param {number} a @param {number} b */
function linear(L, a, b) {
  const y = (L + 16) / 116;
  return mix(RELATIVE_TO_RGB, [expand(y + a / 500), expand(y), expand(y - b / 200)]);
}

/** @param {number[]} rgb linear */
const inGamut = (rgb) => rgb.every((v) => v >= -1e-4 && v <= 1.0001);

/** How much of the chroma (a, b) sRGB can show at this light, 0..1: chroma is drawn towards gray, light does not move.
 * @param {number} L 0..100 @param {number} a @param {number} b */
export function gamutShare(L, a, b) {
  if (inGamut(linear(L, a, b))) return 1;
  let low = 0, high = 1;
  for (let i = 0; i < 9; i++) {
    const middle = (low + high) / 2;
    if (inGamut(linear(L, a * middle, b * middle))) low = middle;
    else high = middle;
  }
  return low;
}

/** sRGB of a Lab color, fitted to the gamut. @param {number} L @param {number} a @param {number} b @returns {Rgb} */
export function labToRgb(L, a, b) {
  const share = gamutShare(L, a, b);
  const [red, green, blue] = linear(L, a * share, b * share);
  return [encode(red), encode(green), encode(blue)];
}

/** @param {Rgb} rgb @returns {Lab} */
export function rgbToLab([red, green, blue]) {
  const relative = mix(RGB_TO_RELATIVE, [decode(red / 255), decode(green / 255), decode(blue / 255)]);
  const [x, y, z] = [compress(relative[0]), compress(relative[1]), compress(relative[2])];
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** #rrggbb. @param {Rgb} rgb */
export const rgbToHex = (rgb) => "#" + rgb.map((v) => v.toString(16).padStart(2, "0")).join("");
/** @param {number} L @param {number} a @param {number} b */
export const labToHex = (L, a, b) => rgbToHex(labToRgb(L, a, b));

/** Whether a text is a color as #rgb or #rrggbb; the sign may be missing. @param {string} text */
export const isHex = (text) => /^#?([0-9a-f]{3}|[0-9a-f]{6})$/i.test(text.trim());

/** #rrggbb of any text that `isHex`. @param {string} text */
export function fullHex(text) {
  const digits = text.trim().replace("#", "").toLowerCase();
  return "#" + (digits.length === 3 ? [...digits].map((digit) => digit + digit).join("") : digits);
}

/** Of a text that `isHex`. @param {string} text @returns {Rgb} */
export function hexToRgb(text) {
  const code = parseInt(fullHex(text).slice(1), 16);
  return [code >> 16, (code >> 8) & 255, code & 255];
}

/** Black or white, whichever is read better on this color. @param {string} code */
export const ink = (code) => (rgbToLab(hexToRgb(code))[0] > 60 ? "#111" : "#fff");
