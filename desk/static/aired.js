// Ticks off what was aired also where there is no network: the tap is kept in this browser and sent when there is one again.
// `data-waits` on a form: it may come late, and then says by how many seconds; what is marked `data-kept` beside its button
// is shown while it waits. One name for each official: a shared phone sends nobody's tap in another's name.
const NAME = `aired:${document.body.dataset.who || ""}`;
const KEPT_MS = 3 * 24 * 3600 * 1000;
const AGAIN_MS = 30000;
let timer = 0;
let isSending = false;

function read() {
  try {
    return JSON.parse(localStorage.getItem(NAME) || "[]").filter((one) => Date.now() - one.at < KEPT_MS);
  } catch { return []; }
}
function write(kept) {
  try { localStorage.setItem(NAME, JSON.stringify(kept)); return true; } catch { return false; }
}
function show() {
  const waiting = new Set(read().map((one) => one.action));
  for (const form of document.querySelectorAll("form[data-waits]")) {
    const isKept = waiting.has(form.getAttribute("action"));
    form.querySelector("[data-kept]").hidden = !isKept;
    form.querySelector("button").hidden = isKept;
  }
}
function send(one) {
  const body = new URLSearchParams(one.fields);
  body.set("the", document.querySelector("input[name=the]").value);
  body.set("tre", String(Math.floor((Date.now() - one.at) / 1000)));
  return fetch(one.action, { method: "POST", body });
}
async function tapped(form) {
  const fields = [...new FormData(form)].filter(([name]) => name !== "the");
  const one = { action: form.getAttribute("action"), at: Date.now(), fields };
  try {
    const answer = await send(one);
    if (answer.ok) location.assign(answer.url); else form.submit();
  } catch {
    const others = read().filter((kept) => kept.action !== one.action);
    if (!write([...others, one])) { form.submit(); return; }
    show();
    later();
  }
}
function later() {
  clearTimeout(timer);
  if (read().length) timer = setTimeout(flush, AGAIN_MS);
}
async function flush() {
  if (isSending) return;
  isSending = true;
  let isMoved = false;
  try {
    for (const one of read()) {
      const answer = await send(one);
      // signed out, or the server in trouble: another time
      if (answer.url.includes("/ban/vao") || answer.status === 401 || answer.status === 403 || answer.status >= 500) break;
      write(read().filter((kept) => kept.action !== one.action));
      isMoved = true;
    }
  } catch { /* still no network */ } finally { isSending = false; }
  if (isMoved) location.reload(); else later();
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-waits]")) return;
  event.preventDefault();
  const button = event.target.querySelector("button");
  // a second tap while the first is under way does nothing
  if (button.disabled) return;
  button.disabled = true;
  tapped(event.target).finally(() => { button.disabled = false; });
});
document.body.addEventListener("htmx:afterSwap", show);
addEventListener("online", flush);
show();
flush();
