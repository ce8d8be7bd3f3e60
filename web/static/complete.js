// Completions under the search box while typing: an ARIA combobox with a list.
"use strict";
(() => {
  const APART_MS = 60; // the first letter asks at once, a held key sixteen times a second
  const box = document.getElementById("q");
  if (!box) return;
  const form = box.form;
  const list = document.createElement("ul");
  list.id = "completions";
  list.className = "completions";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Completions");
  box.after(list);
  const attributes = {
    role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": "false",
  };
  for (const [name, value] of Object.entries(attributes)) box.setAttribute(name, value);

  let chosen = -1;
  let typed = box.value;
  let timer = 0;
  let askedAt = -APART_MS;
  let running = null;

  function close() {
    list.hidden = true;
    chosen = -1;
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  }

  function choose(index) {
    const items = [...list.children];
    chosen = (index + items.length + 1) % (items.length + 1); // the last place is what was typed
    items.forEach((item, i) => item.setAttribute("aria-selected", String(i === chosen)));
    const item = items[chosen];
    box.value = item ? item.dataset.text : typed;
    if (item) box.setAttribute("aria-activedescendant", item.id);
    else box.removeAttribute("aria-activedescendant");
  }

  function show(completions) {
    list.replaceChildren(...completions.map((completion, i) => {
      const item = document.createElement("li");
      item.id = `completion-${i}`;
      item.className = completion.kind;
      item.dataset.text = completion.text;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", "false");
      const text = document.createElement("span");
      text.dir = "auto";
      text.textContent = completion.text;
      item.append(text);
      if (completion.kind === "title") {
        const kind = document.createElement("span");
        kind.className = "count";
        kind.textContent = "title";
        item.append(kind);
      }
      // The box must keep the focus, or it would close the list before the click arrives.
      item.addEventListener("mousedown", (event) => event.preventDefault());
      item.addEventListener("click", () => { box.value = completion.text; close(); form.requestSubmit(); });
      return item;
    }));
    chosen = -1;
    list.hidden = !completions.length;
    box.setAttribute("aria-expanded", String(!list.hidden));
  }

  async function ask() {
    askedAt = performance.now();
    running?.abort();
    if (!box.value.trim()) { close(); return; }
    running = new AbortController();
    try {
      const answer = await fetch(`/api/v1/suggest?q=${encodeURIComponent(box.value)}`, { signal: running.signal });
      if (answer.ok && document.activeElement === box) show((await answer.json()).completions);
    } catch (error) {
      if (error.name !== "AbortError") close();
    }
  }

  box.addEventListener("input", () => {
    typed = box.value;
    clearTimeout(timer);
    timer = setTimeout(ask, askedAt + APART_MS - performance.now());
  });
  box.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    if (event.key === "ArrowDown") { event.preventDefault(); choose(chosen + 1); }
    else if (event.key === "ArrowUp") { event.preventDefault(); choose(chosen < 0 ? list.children.length - 1 : chosen - 1); }
    else if (event.key === "Escape") { event.preventDefault(); box.value = typed; close(); }
  });
  box.addEventListener("blur", close);
  form.addEventListener("submit", () => { clearTimeout(timer); running?.abort(); close(); });
})();
