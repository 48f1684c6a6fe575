// Where one is in the studio: the start page, the page of all photos, one photo. Back goes from the last to the first.

const LEVELS = ["start", "photos", "work"];

let tell = () => {};
let behind = true; // whether the page of all photos lies behind the photo, or there is none

function address(level, key) {
  return level === "work" ? `/?work=${key}` : level === "photos" ? "/?photos=1" : "/";
}

function enter(how, level, key) {
  history[`${how}State`]({ level, key }, "", address(level, key));
}

export const places = {
  /** `told("went", {level, key})` hears of Back and Forward. */
  listen(told) {
    tell = told;
    window.addEventListener("popstate", (event) => {
      const { level = "start", key = "" } = event.state ?? {};
      tell("went", { level, key });
    });
  },

  /** Go to a place: a photo takes the place of another one in the browser's history, and lies behind the page of all
   * photos where there are `several`. */
  go(level, key, several) {
    const now = history.state?.level;
    const from = LEVELS.indexOf(now ?? "start"), to = LEVELS.indexOf(level);
    if (now === undefined) enter("replace", "start", "");
    if (to === from) return void (now !== undefined && enter("replace", level, key));
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

  title(text) {
    document.title = text;
  },
};
