// Keys: / to the search box, j and k through the results, o opens, u goes back, ? lists the keys.
"use strict";
(() => {
  const HELP = [
    ["/", "to the search box"],
    ["j k", "next, previous article in the results"],
    ["o", "open it"],
    ["n p", "next, previous match in an article"],
    ["u", "back to the results"],
    ["?", "this list"],
  ];

  const links = () => [...document.querySelectorAll(".hit h2 a, .newest h3 a, .similar h3 a")];

  function step(by) {
    const all = links();
    if (!all.length) return;
    const at = all.indexOf(document.activeElement);
    const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1);
    all[next].focus({ preventScroll: true });
    all[next].closest("li").scrollIntoView({ block: "nearest" });
  }

  function list() {
    let dialog = document.querySelector("dialog");
    if (!dialog) {
      dialog = document.createElement("dialog");
      dialog.setAttribute("aria-labelledby", "keys-title");
      const title = document.createElement("h2");
      title.id = "keys-title";
      title.textContent = "Keys";
      const table = document.createElement("table");
      for (const [keys, meaning] of HELP) {
        const row = table.insertRow();
        const cell = row.insertCell();
        for (const key of keys.split(" ")) {
          const kbd = document.createElement("kbd");
          kbd.textContent = key;
          cell.append(kbd, " ");
        }
        row.insertCell().textContent = meaning;
      }
      const form = document.createElement("form");
      form.method = "dialog";
      const close = document.createElement("button");
      close.textContent = "Close";
      form.append(close);
      dialog.append(title, table, form);
      document.body.append(dialog);
    }
    if (!dialog.open) dialog.showModal();
  }

  const actions = {
    "/": () => {
      const box = document.getElementById("q");
      if (box) { box.focus(); box.select(); }
    },
    j: () => step(1),
    k: () => step(-1),
    o: () => { if (links().includes(document.activeElement)) document.activeElement.click(); },
    u: () => document.querySelector(".reader-bar .back")?.click(),
    "?": list,
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest("input, textarea, select, dialog, [contenteditable]")) return;
    const action = actions[event.key];
    if (action) { event.preventDefault(); action(); }
  });
})();
