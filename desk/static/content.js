// Saves a draft of content while it is being written, and keeps what was typed on this device until the server has it.
{
  const form = document.getElementById("soan");
  const told = document.getElementById("luu");
  const offer = document.getElementById("con-giu");
  const key = form.dataset.keep;
  // what nobody came back for is not kept for ever on a device that others may use
  const KEPT_MS = 7 * 24 * 3600 * 1000;
  const QUIET_MS = 1500;
  const AGAIN_MS = 10000;
  let timer = 0;
  let saving = false;
  let dirty = false;
  // the button that was pressed while a save was under way
  let pressed = null;

  const say = (name) => { told.textContent = told.dataset[name] ?? name; };
  const fields = () => [...new FormData(form)].filter(([name]) => name !== "the" && name !== "step");
  const version = () => form.elements.version.value;

  const keep = (sent = false) => {
    // who signs out leaves nothing behind, not what is on this page either (draft.js)
    if ("leaving" in document.body.dataset) return;
    try {
      localStorage.setItem(key, JSON.stringify({ at: Date.now(), version: version(), sent, fields: fields() }));
    } catch { /* no room, or not allowed: the server's copy is the one that counts */ }
  };
  const forget = () => {
    try { localStorage.removeItem(key); } catch { /* as above */ }
  };
  const kept = () => {
    try {
      const held = JSON.parse(localStorage.getItem(key) ?? "null");
      return held && Date.now() - held.at < KEPT_MS ? held : null;
    } catch { return null; }
  };

  const later = (wait) => {
    clearTimeout(timer);
    timer = setTimeout(save, wait);
  };
  const save = async () => {
    if (saving || !dirty) return;
    saving = true;
    dirty = false;
    say("keeping");
    const body = new URLSearchParams(new FormData(form));
    body.delete("step");
    let answer = null;
    let words = {};
    try {
      answer = await fetch(form.dataset.save, { method: "POST", body, redirect: "manual" });
      if ([200, 400, 409].includes(answer.status)) words = await answer.json();
    } catch { answer = null; }
    saving = false;
    if (answer?.ok) for (const field of document.querySelectorAll("input[name=version]")) field.value = words.version;
    if (pressed) return form.requestSubmit(pressed);
    if (answer?.ok) {
      if (dirty) { keep(); return later(QUIET_MS); }
      forget();
      say("kept");
      return htmx.trigger(document.body, "saved");
    }
    dirty = true;
    if (words.told) return say(words.told);
    // a session that ended leads to the login page, a form of another session is refused
    const isOut = answer && (answer.type === "opaqueredirect" || answer.status === 403 || answer.status === 404);
    say(isOut ? "out" : "lost");
    later(AGAIN_MS);
  };

  // rows of conditions are named after their place: what was typed goes back only while the rows are the same
  const rows = (list) => JSON.stringify(
    list.filter(([name]) => /:(form|fact)$/.test(name)).map(([name, value]) => [name, name.endsWith(":fact") && value]),
  );
  const isRow = (name) => /^(conditions|fitted)\b/.test(name);

  const restore = (held) => {
    const values = new Map();
    for (const [name, value] of held.fields) values.set(name, [...(values.get(name) ?? []), value]);
    const isSame = rows(held.fields) === rows(fields());
    for (const field of form.elements) {
      if (!field.name || ["the", "step", "version"].includes(field.name) || (!isSame && isRow(field.name))) continue;
      const mine = values.get(field.name);
      if (field.type === "checkbox") field.checked = Boolean(mine?.includes(field.value));
      else if (field.type !== "hidden" && mine) field.value = mine[0];
    }
    dirty = true;
    keep();
    say(isSame ? "found" : "moved");
    later(QUIET_MS);
  };

  // another row or one less: the server does it as for a page without script; only the rows are put in anew
  const turn = async (button) => {
    clearTimeout(timer);
    saving = true;
    keep();
    say("keeping");
    const body = new URLSearchParams(new FormData(form));
    body.set("step", button.value);
    // what was typed while the rows are on their way would be lost with them
    const old = document.getElementById("o");
    old.inert = true;
    let page = null;
    try {
      const answer = await fetch(form.action, { method: "POST", body });
      if (answer.ok) page = new DOMParser().parseFromString(await answer.text(), "text/html");
    } catch { /* told below */ }
    saving = false;
    const fresh = page?.getElementById("o");
    if (!fresh) {
      old.inert = false;
      button.focus();
      // the page says itself what is wrong; without a line it is tried again when the button is pressed again
      if (navigator.onLine) { form.dataset.whole = "1"; return form.requestSubmit(button); }
      dirty = true;
      return say("lost");
    }
    dirty = false;
    forget();
    old.replaceWith(fresh);
    document.getElementById("song").innerHTML = page.getElementById("song").innerHTML;
    for (const field of document.querySelectorAll("input[name=version]")) field.value = page.querySelector("input[name=version]").value;
    say("kept");
    spot(button.value)?.focus();
  };
  // where to go on: the new row, the row that got its fact, or what stands above the one that is gone
  const spot = (step) => {
    const [what, act, root = "", path = ""] = step.split(":");
    const inside = "input:not([type=hidden]), select, textarea, button";
    const at = (id) => document.getElementById(`f-${id.replaceAll(".", "-")}`);
    if (what === "fit") return act === "add" ? [...document.querySelectorAll("[id^=f-fitted-][name]")].pop() : at("fitted");
    const above = act === "drop" ? path.split(".").slice(0, -1).join(".") : path;
    const box = at(above ? `${root}.${above}` : root) ?? document.getElementById("o");
    return (act === "drop" || act === "keep" ? null : [...box.querySelectorAll("[data-pick]")].pop()) ?? box.querySelector(inside);
  };

  // whether the server has what was sent from here, apart from spaces
  const same = (held) => {
    const plain = (list) => JSON.stringify(
      list.filter(([name]) => name !== "version").map(([name, value]) => [name, value.replace(/\s+/g, " ").trim()]),
    );
    return plain(held.fields) === plain(fields());
  };

  form.addEventListener("input", () => {
    dirty = true;
    keep();
    later(QUIET_MS);
  });
  // the form's own buttons save too; one pressed during a save waits for it, or the two would meet as strangers
  form.addEventListener("submit", (event) => {
    if (saving) {
      pressed = event.submitter;
      return event.preventDefault();
    }
    if (/^(rule|fit):/.test(event.submitter?.value ?? "") && !form.dataset.whole) {
      event.preventDefault();
      return turn(event.submitter);
    }
    clearTimeout(timer);
    keep(true);
    dirty = false;
  });
  form.addEventListener("change", (event) => {
    if ("pick" in event.target.dataset && event.target.value) form.requestSubmit(event.target.parentElement.querySelector("button"));
  });
  // remarks were fetched anew: a field that is mended looks so
  document.body.addEventListener("htmx:afterSettle", () => {
    for (const field of form.querySelectorAll("[aria-describedby]")) {
      const box = document.getElementById(field.getAttribute("aria-describedby").split(" ").pop());
      if (box?.querySelector(".fault")) field.setAttribute("aria-invalid", "true");
      else field.removeAttribute("aria-invalid");
    }
  });
  addEventListener("online", () => { if (dirty) save(); });
  addEventListener("pagehide", () => { if (dirty) keep(); });

  const held = kept();
  if (document.querySelector("main > [role=alert]")) keep();
  else if (held && held.version === version()) restore(held);
  else if (held?.sent && (location.search.includes("xong=") || same(held))) forget();
  else if (held) {
    offer.hidden = false;
    document.getElementById("lay-lai").addEventListener("click", () => { offer.hidden = true; restore(held); });
    document.getElementById("bo-di").addEventListener("click", () => { offer.hidden = true; forget(); });
  }
}
