// Where one is in the studio: the start page, the page of all photos, one photo. Back goes from the last to the first.

/** @typedef {"start" | "photos" | "work"} Level */

/** @type {Level[]} */
const LEVELS = ["start", "photos", "work"];

/** @type {Emit} */
let emit = () => {};
let film = ""; // the id of the one whose key frames these are
let behind = true; // whether the page of all photos lies behind the photo, or there is none

/** @param {Level} level @param {string} key */
function address(level, key) {
  if (film) return level === "work" ? `/?film=${film}&work=${key}` : `/?film=${film}`;
  return level === "work" ? `/?work=${key}` : level === "photos" ? "/?photos=1" : "/";
}

/** @param {"push" | "replace"} how @param {Level} level @param {string} key */
function enter(how, level, key) {
  history[/** @type {"pushState" | "replaceState"} */ (`${how}State`)]({ level, key }, "", address(level, key));
}

export const places = {
  /** Send `went` with {level, key} at Back and Forward. @param {Emit} send */
  listen(send) {
    emit = send;
    window.addEventListener("popstate", (event) => {
      const { level = "start", key = "" } = event.state ?? {};
      emit("went", { level, key });
    });
  },

  /** All photos are key frames of a film. @param {string} id */
  within(id) {
    film = id;
  },

  /** Go to a place: a photo takes the place of another one in the browser's history, and lies behind the page of all
   * photos where there are `several`. @param {Level} level @param {string} key @param {boolean} several */
  go(level, key, several) {
    const now = history.state?.level;
    const from = LEVELS.indexOf(now ?? "start"), to = LEVELS.indexOf(level);
    if (now === undefined) enter("replace", "start", "");
    if (to === from) {
      if (now !== undefined) enter("replace", level, key);
      return;
    }
    if (level === "work" && from === 0 && several) enter("push", "photos", "");
    enter("push", level, key);
    behind = level !== "work" || several;
  },

  /** There are several photos by now: the page of all lies behind the one that is shown. */
  several() {
    const { level, key } = history.state ?? {};
    if (behind || level !== "work") return;
    behind = true;
    enter("replace", "photos", "");
    enter("push", level, key);
  },

  /** @param {string} text */
  title(text) {
    document.title = text;
  },
};
