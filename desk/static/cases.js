// Drafts: what is typed stays on this machine, by official and case, until it was sent, for a week at most.
const WEEK = 7 * 24 * 3600 * 1000, PREFIX = "ban:", KEYS = "phim";
const kept = {
  get(key) { try { return JSON.parse(localStorage.getItem(PREFIX + key)); } catch { return null; } },
  set(key, text) { try { localStorage.setItem(PREFIX + key, JSON.stringify({ text, at: Date.now() })); return true; } catch { return false; } },
  drop(key) { try { localStorage.removeItem(PREFIX + key); } catch { /* nothing was kept */ } },
};
try {
  for (const key of Object.keys(localStorage).filter((one) => one.startsWith(PREFIX) && one !== PREFIX + KEYS)) {
    const held = kept.get(key.slice(PREFIX.length));
    if (!held || Date.now() - held.at > WEEK) localStorage.removeItem(key);
  }
} catch { /* a browser that keeps nothing */ }
const sent = document.querySelector("[data-sent]")?.dataset.sent;
for (const box of document.querySelectorAll("textarea[data-draft]")) {
  const key = box.dataset.draft, told = box.closest("form").querySelector("[data-kept]");
  if (sent && key.endsWith(sent === "case-noted" ? ":note" : ":text")) kept.drop(key);
  const held = kept.get(key);
  if (held && held.text && !box.value) { box.value = held.text; told.textContent = told.dataset.restored; }
  box.addEventListener("input", () => {
    if (!box.value) { kept.drop(key); told.textContent = ""; return; }
    if (kept.set(key, box.value)) told.textContent = navigator.onLine ? told.dataset.saved : told.dataset.away;
  });
}
for (const form of document.querySelectorAll("[data-online]")) {
  form.addEventListener("submit", (event) => {
    if (navigator.onLine) return;
    event.preventDefault();
    const told = form.querySelector("[data-kept]");
    told.textContent = told.dataset.unsent;
  });
}
for (const button of document.querySelectorAll("[data-use]")) {
  button.addEventListener("click", () => {
    const box = document.getElementById("text"), text = document.getElementById(button.dataset.use).textContent;
    box.value = box.value.trim() ? `${box.value.trim()}\n\n${text}` : text;
    box.dispatchEvent(new Event("input"));
    box.focus();
  });
}
for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => print());
// Keys of the list: j, k, /; Enter is the link's own. Whoever's screen reader uses letters turns them off.
const choice = document.querySelector("[data-keys]");
if (choice) {
  choice.checked = kept.get(KEYS)?.text !== "khong";
  choice.addEventListener("change", () => kept.set(KEYS, choice.checked ? "co" : "khong"));
}
const lines = () => [...document.querySelectorAll("#ds .case .go")];
document.addEventListener("keydown", (event) => {
  const search = document.querySelector("[data-slash]");
  if (event.key === "Escape" && event.target === search) { search.blur(); return; }
  if (!choice?.checked || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
  if (event.key === "/") { event.preventDefault(); search.focus(); return; }
  if (event.key !== "j" && event.key !== "k") return;
  const all = lines(), at = all.indexOf(document.activeElement);
  const next = all[at < 0 ? 0 : Math.min(Math.max(at + (event.key === "j" ? 1 : -1), 0), all.length - 1)];
  next?.focus();
});
// A list fetched anew keeps the reader's place.
let place = null;
document.body.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target.id === "ds") place = document.activeElement?.closest("#ds a")?.getAttribute("href") ?? null;
});
document.body.addEventListener("htmx:afterSwap", () => {
  if (place) [...document.querySelectorAll("#ds a")].find((one) => one.getAttribute("href") === place)?.focus({ preventScroll: true });
  place = null;
});
// The way back leads to the list as it was narrowed.
const back = document.querySelector("[data-back]");
try {
  if (document.getElementById("ds")) sessionStorage.setItem("ban:loc", location.search);
  else if (back && sessionStorage.getItem("ban:loc")) back.href = back.pathname + sessionStorage.getItem("ban:loc");
} catch { /* a browser that keeps nothing */ }
// Tells the others that this page is open, as long as somebody is at it: a page left open must not keep its session for ever.
const mine = document.getElementById("ai-mo");
if (mine) {
  let touched = Date.now();
  for (const sign of ["keydown", "pointerdown", "pointermove", "scroll"]) addEventListener(sign, () => { touched = Date.now(); }, { passive: true });
  setInterval(() => { if (!document.hidden && Date.now() - touched < 300000) htmx.trigger(mine, "here"); }, 20000);
}
