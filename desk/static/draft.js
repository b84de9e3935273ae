// Keeps what is being written in this browser until it is saved: a lost connection, a closed session or a flat battery costs
// nothing. `data-draft` on a form: the name it is kept under, "" = by official and address of the form; `data-unkept` on a
// field: never kept. Beside it `data-draft-offer` asks before anything is put back (without it, it is put back at once) and
// `data-draft-away` tells that there is no network. What was sent is forgotten once a page says that it is done: by a
// `data-draft-done`, which may also name what is saved by now.
// `data-once` on a field: the mark of this form, the same after "back".
// `data-count` on a field: the element that tells its length. `data-bytes` on a file: how large it may be.
{
  const WEEK_MS = 7 * 24 * 3600 * 1000;
  const SKIPPED = new Set(["the", "seen", "tep", "stand"]);
  const SILENT = new Set(["hidden", "password", "file", "submit", "button", "fieldset"]);
  const PRIVATE = "ban:", KEYS = "ban:phim";
  // where the desk keeps words: messages under `tin:`, content under `loathon-` (content.js); they go when somebody signs out
  const WORDS = [PRIVATE, "tin:", "loathon-"];
  const SENT = "ban:gui";
  const who = document.body.dataset.who || "";

  function read(name) {
    try {
      const kept = JSON.parse(localStorage.getItem(name) || "null");
      return kept && Date.now() - kept.at < WEEK_MS ? kept : null;
    } catch { return null; }
  }
  function forget(name) { try { localStorage.removeItem(name); } catch { /* kept nowhere */ } }
  function drafts(...starts) {
    return Object.keys(localStorage).filter((one) => one !== KEYS && starts.some((start) => one.startsWith(start)));
  }
  function spoken(form) {
    return [...form.elements].filter(
      (field) => field.name && !SKIPPED.has(field.name) && !SILENT.has(field.type) && !("unkept" in field.dataset),
    );
  }
  function told(form) {
    const isTicked = (field) => (field.type !== "checkbox" && field.type !== "radio") || field.checked;
    return spoken(form).filter(isTicked).map((field) => [field.name, field.value]);
  }
  function fill(form, fields) {
    const left = [...fields];
    for (const field of spoken(form)) {
      if (field.type === "checkbox" || field.type === "radio") {
        field.checked = left.some(([name, value]) => name === field.name && value === field.value);
      } else {
        const at = left.findIndex(([name]) => name === field.name);
        if (at >= 0) field.value = left.splice(at, 1)[0][1];
      }
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }
  function nameOf(form) {
    return form.dataset.draft || `${PRIVATE}nhap:${who}:${new URL(form.getAttribute("action") || "", location.href).pathname}`;
  }

  // what was sent from this window: only the page that comes next says whether it arrived
  try {
    const sent = sessionStorage.getItem(SENT);
    sessionStorage.removeItem(SENT);
    if (sent && who && document.querySelector("[data-draft-done]")) forget(sent);
    for (const name of drafts(PRIVATE, "tin:")) if (!read(name)) forget(name);
  } catch { /* kept nowhere */ }
  for (const part of document.querySelectorAll("[data-draft-done]")) part.dataset.draftDone.split(" ").forEach(forget);

  const bound = new WeakSet();
  function bind(form) {
    if (bound.has(form)) return;
    bound.add(form);
    const name = nameOf(form);
    const offer = form.querySelector("[data-draft-offer]") || document.querySelector("[data-draft-offer=page]");
    const shown = JSON.stringify(told(form));
    const kept = read(name);
    let asked = false;
    if (kept && JSON.stringify(kept.fields) !== shown) {
      if (!offer) {
        fill(form, kept.fields);
        const box = form.closest("details");
        if (box) box.open = true;
      } else {
        asked = true;
        offer.hidden = false;
        const close = () => { asked = false; offer.hidden = true; };
        offer.querySelector("[data-take]").addEventListener("click", () => { close(); fill(form, kept.fields); spoken(form)[0].focus(); });
        offer.querySelector("[data-drop]").addEventListener("click", () => { close(); forget(name); });
      }
    }
    let waiting = 0;
    const keep = () => {
      if ("leaving" in document.body.dataset) return;
      const fields = told(form);
      if (JSON.stringify(fields) === shown) { if (!asked) forget(name); return; }
      // what is written from now on replaces what was offered
      try { localStorage.setItem(name, JSON.stringify({ at: Date.now(), fields })); } catch { /* full or forbidden */ }
    };
    form.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(keep, 400); });
    addEventListener("pagehide", () => { if (waiting) keep(); });
    let isSent = false;
    form.addEventListener("draft-sent", (event) => {
      const away = form.querySelector("[data-draft-away]");
      // a second tap while the first is under way does nothing
      if (isSent || (away && !navigator.onLine)) {
        event.preventDefault();
        if (!isSent) away.hidden = false;
        return;
      }
      isSent = true;
      clearTimeout(waiting);
      keep();
      try { sessionStorage.setItem(SENT, name); } catch { /* it is offered once more */ }
    });
    addEventListener("pageshow", () => { isSent = false; });
  }
  function bindAll() { document.querySelectorAll("form[data-draft]").forEach(bind); }
  bindAll();
  document.body.addEventListener("htmx:afterSettle", bindAll);
  // after the form's own scripts, which may still hold it back
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented || !bound.has(event.target)) return;
    if (!event.target.dispatchEvent(new Event("draft-sent", { cancelable: true }))) event.preventDefault();
  });
  document.querySelector(".menu form")?.addEventListener("submit", () => {
    // who signs out leaves no word behind that somebody else at this machine could read
    document.body.dataset.leaving = "";
    try { drafts(...WORDS).forEach(forget); } catch { /* nothing was kept */ }
  });

  // "back" shows the same form, though the page is fetched anew: what is sent from it again is not another matter
  for (const field of document.querySelectorAll("[data-once]")) {
    if (history.state?.once) field.value = history.state.once;
    else history.replaceState({ ...history.state, once: field.value }, "");
  }

  for (const field of document.querySelectorAll("[data-count]")) {
    const out = document.getElementById(field.dataset.count);
    const tell = () => { out.textContent = `${[...field.value.normalize("NFC").trim()].length}/${field.dataset.most}`; };
    field.addEventListener("input", tell);
    tell();
  }

  // a file that would be refused after a long upload is refused at once
  for (const field of document.querySelectorAll("[data-bytes]")) {
    field.addEventListener("change", () => {
      const isBig = [...field.files].some((file) => file.size > Number(field.dataset.bytes));
      document.getElementById(field.dataset.tooBig).hidden = !isBig;
      if (isBig) field.value = "";
    });
  }
}
