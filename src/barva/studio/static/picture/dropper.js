// The dropper: the next click on the picture, or on a picture marked data-pick, gives its colour.

const SIDE = 3; // pixels that are averaged, each way

let spare = null;
function scratch() {
  spare ??= Object.assign(document.createElement("canvas"), { width: SIDE, height: SIDE }).getContext("2d", { willReadFrequently: true });
  spare.clearRect(0, 0, SIDE, SIDE);
  return spare;
}

/** The mean of what was drawn. */
function seen(c) {
  const { data } = c.getImageData(0, 0, SIDE, SIDE), mean = [0, 0, 0];
  for (let i = 0; i < data.length; i++) if (i % 4 < 3) mean[i % 4] += data[i] / (SIDE * SIDE);
  return mean.map(Math.round);
}

/** sRGB 0..255 of a layer at a place of the photo, a little around it averaged. */
export function sample(layer, photo, x, y) {
  const base = layer?.shown?.base, c = scratch();
  if (!base) return [0, 0, 0];
  const share = base.width / photo.width, most = [base.width - SIDE, base.height - SIDE];
  const [left, top] = [x, y].map((v, i) => Math.max(0, Math.min(most[i], Math.floor(v * share) - 1)));
  c.drawImage(base, left, top, SIDE, SIDE, 0, 0, SIDE, SIDE);
  return seen(c);
}

/** Waits for a click on a picture of the page; `took(rgb)` hears its colour. Returns what ends the waiting. */
export function waitForPick(took) {
  const pick = (event) => {
    const image = event.target.closest?.("img[data-pick]");
    if (!image) return;
    event.preventDefault();
    event.stopPropagation();
    const box = image.getBoundingClientRect(), c = scratch();
    // object-fit: cover shows the middle of the picture
    const share = Math.max(box.width / image.naturalWidth, box.height / image.naturalHeight);
    const x = (event.clientX - box.left - box.width / 2) / share + image.naturalWidth / 2;
    const y = (event.clientY - box.top - box.height / 2) / share + image.naturalHeight / 2;
    c.drawImage(image, x - 2, y - 2, 5, 5, 0, 0, SIDE, SIDE);
    took(seen(c));
  };
  document.addEventListener("click", pick, true);
  return () => document.removeEventListener("click", pick, true);
}
