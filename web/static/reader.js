// The reader: "5 of 17" with buttons, n and p from match to match, and a map of matches at the edge.
"use strict";
(() => {
  const place = document.getElementById("matches");
  if (!place) return;
  const MAPPED = 300; // more would be a solid line
  const marks = [...document.querySelectorAll("mark[id]")];
  document.documentElement.classList.add("scripted");
  let at = -1;

  const label = document.createElement("span");
  label.setAttribute("aria-live", "polite");
  const button = (text, name, by) => {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = text;
    made.title = name;
    made.setAttribute("aria-label", name);
    made.addEventListener("click", () => go(at + by));
    return made;
  };
  const tell = () => {
    const all = `${marks.length.toLocaleString("en")} match${marks.length === 1 ? "" : "es"}`;
    label.textContent = at < 0 ? all : `${(at + 1).toLocaleString("en")} of ${marks.length.toLocaleString("en")}`;
  };

  function go(to) {
    marks[at]?.classList.remove("here");
    at = (to + marks.length) % marks.length;
    marks[at].classList.add("here");
    marks[at].scrollIntoView({ block: "center" });
    history.replaceState(null, "", `#${marks[at].id}`);
    tell();
  }

  function map() {
    if (marks.length > MAPPED || document.documentElement.scrollHeight < 1.5 * innerHeight) return;
    const edge = document.createElement("div");
    edge.className = "map";
    edge.setAttribute("aria-hidden", "true");
    for (const mark of marks) {
      const tick = document.createElement("i");
      const top = mark.getBoundingClientRect().top + scrollY;
      tick.style.top = `${(100 * top) / document.documentElement.scrollHeight}%`;
      edge.append(tick);
    }
    document.body.append(edge);
  }

  place.replaceChildren(label, button("‹", "Previous match (p)", -1), button("›", "Next match (n)", 1));
  const addressed = marks.findIndex((mark) => `#${mark.id}` === window.location.hash);
  if (addressed >= 0) { at = addressed; marks[at].classList.add("here"); }
  tell();
  map();

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest("input, textarea, select, dialog")) return;
    if (event.key === "n") go(at + 1);
    else if (event.key === "p") go(at < 0 ? -1 : at - 1);
  });
})();
