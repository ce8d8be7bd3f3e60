// Dragging over the histogram chooses a period. A click on a bar stays a link.
"use strict";
(() => {
  const svg = document.getElementById("histogram");
  if (!svg) return;
  const SLOP_PX = 5; // a shaky click is no drag
  const bars = [...svg.querySelectorAll("rect.bar")];
  const area = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  area.setAttribute("class", "drag");
  area.setAttribute("height", "52");
  let from = null;
  let dragged = false;

  const inside = (a, b) => bars.filter((bar) => {
    const box = bar.getBoundingClientRect();
    return box.right >= Math.min(a, b) && box.left <= Math.max(a, b);
  });

  svg.addEventListener("dragstart", (event) => event.preventDefault()); // links would be dragged
  svg.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    from = event.clientX;
    dragged = false;
  });
  window.addEventListener("pointermove", (event) => {
    if (from === null || Math.abs(event.clientX - from) < SLOP_PX) return;
    dragged = true;
    const frame = svg.getBoundingClientRect();
    const [left, right] = [from, event.clientX]
      .map((x) => Math.min(Math.max(x, frame.left), frame.right) - frame.left)
      .sort((a, b) => a - b);
    area.setAttribute("x", left);
    area.setAttribute("width", right - left);
    if (!area.isConnected) svg.append(area);
    const chosen = new Set(inside(from, event.clientX));
    bars.forEach((bar) => bar.classList.toggle("in", chosen.has(bar)));
  });
  window.addEventListener("pointerup", (event) => {
    if (from === null) return;
    const chosen = dragged ? inside(from, event.clientX) : [];
    from = null;
    area.remove();
    bars.forEach((bar) => bar.classList.remove("in"));
    if (!chosen.length) return;
    const address = new URL(window.location.href);
    address.searchParams.set("since", chosen[0].dataset.first);
    address.searchParams.set("until", chosen[chosen.length - 1].dataset.last);
    address.searchParams.delete("page");
    window.location.assign(address);
  });
  svg.addEventListener("click", (event) => { if (dragged) { event.preventDefault(); dragged = false; } }, true);
})();
