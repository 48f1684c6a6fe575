// The dropper: the next click on the picture, or on a picture marked data-pick, gives its colour.

let spare = null;
function scratch() {
  spare ??= Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
  spare.clearRect(0, 0, 1, 1);
  return spare;
}

const seen = (c) => [...c.getImageData(0, 0, 1, 1).data].slice(0, 3);

/** sRGB 0..255 of a layer at a place of the photo, a little around it averaged. */
export function sample(layer, photo, x, y) {
  const c = scratch(), base = layer?.shown?.base;
  if (!base) return [0, 0, 0];
  const share = base.width / photo.width;
  c.drawImage(base, Math.round(x * share) - 1, Math.round(y * share) - 1, 3, 3, 0, 0, 1, 1);
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
    c.drawImage(image, x - 2, y - 2, 5, 5, 0, 0, 1, 1);
    took(seen(c));
  };
  document.addEventListener("click", pick, true);
  return () => document.removeEventListener("click", pick, true);
}
