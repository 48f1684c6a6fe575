// Lab (D65) and sRGB for the colour wheel: the same formulas as barva.color.spaces, one colour at a time.

const WHITE = [0.95047, 1, 1.08883];

/** L 0..100, a, b -> linear RGB, which may lie outside of 0..1. */
function linear(L, a, b) {
  const fy = (L + 16) / 116, fx = fy + a / 500, fz = fy - b / 200;
  const back = (t) => (t > 6 / 29 ? t ** 3 : (t - 4 / 29) * (108 / 841));
  const x = back(fx) * WHITE[0], y = back(fy), z = back(fz) * WHITE[2];
  return [
    3.2404542 * x - 1.5371385 * y - 0.4985314 * z,
    -0.969266 * x + 1.8760108 * y + 0.041556 * z,
    0.0556434 * x - 0.2040259 * y + 1.0572252 * z,
  ];
}

const inside = (rgb) => rgb.every((v) => v >= -1e-4 && v <= 1.0001);
const encode = (v) => Math.round(255 * (v <= 0.0031308 ? 12.92 * Math.max(v, 0) : 1.055 * Math.min(v, 1) ** (1 / 2.4) - 0.055));

/** How much of the chroma (a, b) this light carries, 0..1: chroma is drawn towards grey, light does not move. */
export function carried(L, a, b) {
  if (inside(linear(L, a, b))) return 1;
  let low = 0, high = 1;
  for (let i = 0; i < 9; i++) {
    const middle = (low + high) / 2;
    if (inside(linear(L, a * middle, b * middle))) low = middle;
    else high = middle;
  }
  return low;
}

/** sRGB 0..255 of a Lab colour, fitted to the gamut. */
export function labToRgb(L, a, b) {
  const share = carried(L, a, b);
  return linear(L, a * share, b * share).map(encode);
}

export const hex = (rgb) => "#" + rgb.map((v) => v.toString(16).padStart(2, "0")).join("");
export const labToHex = (L, a, b) => hex(labToRgb(L, a, b));

export function hexToRgb(text) {
  const digits = text.replace("#", "");
  const full = digits.length === 3 ? [...digits].map((d) => d + d).join("") : digits;
  return [0, 2, 4].map((i) => parseInt(full.slice(i, i + 2), 16));
}

export const isHex = (text) => /^#?([0-9a-f]{3}|[0-9a-f]{6})$/i.test(text.trim());

/** sRGB 0..255 -> [L, a, b]. */
export function rgbToLab(rgb) {
  const [r, g, b] = rgb.map((v) => (v /= 255) && (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
  const x = (0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / WHITE[0];
  const y = 0.2126729 * r + 0.7151522 * g + 0.072175 * b;
  const z = (0.0193339 * r + 0.119192 * g + 0.9503041 * b) / WHITE[2];
  const f = (t) => (t > (6 / 29) ** 3 ? Math.cbrt(t) : (841 / 108) * t + 4 / 29);
  return [116 * f(y) - 16, 500 * (f(x) - f(y)), 200 * (f(y) - f(z))];
}

/** Black or white, whichever is read better on this colour. */
export const ink = (code) => (rgbToLab(hexToRgb(code))[0] > 60 ? "#111" : "#fff");
