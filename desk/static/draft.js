// Keeps what is being written in this browser until it is saved: a lost connection, a closed session or a flat battery costs
// nothing. `data-draft` on a form: the name it is kept under; `data-draft-done`: names that are saved by now.
// `data-count` on a field: the element that tells its length. `data-bytes` on a file: how large it may be.
const WEEK_MS = 7 * 24 * 3600 * 1000;
const SKIPPED = new Set(["the", "seen", "tep", "stand"]);

function read(name) {
  try {
    const kept = JSON.parse(localStorage.getItem(name) || "null");
    return kept && Date.now() - kept.at < WEEK_MS ? kept : null;
  } catch { return null; }
}
function forget(name) { try { localStorage.removeItem(name); } catch { /* kept nowhere */ } }
function told(form) {
  return [...new FormData(form)].filter(([name, value]) => !SKIPPED.has(name) && typeof value === "string");
}
function fill(form, fields) {
  const left = [...fields];
  for (const field of form.elements) {
    if (!field.name || SKIPPED.has(field.name) || field.type === "hidden") continue;
    if (field.type === "checkbox" || field.type === "radio") {
      field.checked = left.some(([name, value]) => name === field.name && value === field.value);
    } else {
      const at = left.findIndex(([name]) => name === field.name);
      if (at >= 0) field.value = left.splice(at, 1)[0][1];
    }
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

for (const part of document.querySelectorAll("[data-draft-done]")) part.dataset.draftDone.split(" ").forEach(forget);

for (const form of document.querySelectorAll("form[data-draft]")) {
  const name = form.dataset.draft;
  const offer = document.querySelector("[data-draft-offer]");
  const shown = JSON.stringify(told(form));
  const kept = read(name);
  let asked = false;
  if (kept && offer && JSON.stringify(kept.fields) !== shown) {
    asked = true;
    offer.hidden = false;
    const close = () => { asked = false; offer.hidden = true; };
    offer.querySelector("[data-take]").addEventListener("click", () => { close(); fill(form, kept.fields); form.querySelector("[name=title]").focus(); });
    offer.querySelector("[data-drop]").addEventListener("click", () => { close(); forget(name); });
  }
  let waiting = 0;
  const keep = () => {
    const fields = told(form);
    if (JSON.stringify(fields) === shown) { if (!asked) forget(name); return; }
    // what is written from now on replaces what was offered
    try { localStorage.setItem(name, JSON.stringify({ at: Date.now(), fields })); } catch { /* full or forbidden */ }
  };
  form.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(keep, 400); });
  addEventListener("pagehide", () => { if (waiting) keep(); });
  let isSent = false;
  form.addEventListener("submit", (event) => {
    // a second tap while the first is under way does nothing
    if (isSent) event.preventDefault();
    isSent = true;
  });
  addEventListener("pageshow", () => { isSent = false; });
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
