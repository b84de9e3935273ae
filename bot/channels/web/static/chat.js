import * as pending from "./pending.js";
import { camel, record, Tray } from "./tray.js";
import { follow, newer, older, post, Refused, Unreached } from "./wire.js";

const at = (id) => document.getElementById(id);
const words = at("words").dataset;
const page = document.body.dataset;
const log = at("log");
const input = at("loi-nhan");
const composer = at("composer");
const tray = new Tray(at("tray"), words, tell);
const SAME_TAP_MS = 700;
const FORGET_MS = 24 * 3600 * 1000;
const PAUSES_MS = [1500, 3000, 6000, 12000, 25000];

let pumping = false;
let failures = 0;
let timer = 0;
let lastTap = { press: "", at: 0 };
let recording = null;
let starts = false;

// --- what is shown

const newest = () => Number(log.lastElementChild?.dataset.id || 0);

function show(letters) {
  let added = null;
  for (const letter of letters) {
    at("pending").querySelector(`[data-own="${letter.own}"]`)?.remove();
    pending.drop(letter.own);
    if (log.querySelector(`[data-id="${letter.id}"]`)) continue;
    const made = document.createElement("template");
    made.innerHTML = letter.html;
    const article = made.content.firstElementChild;
    const next = [...log.children].find((one) => Number(one.dataset.id) > letter.id) || null;
    log.insertBefore(article, next);
    if ("forgets" in article.dataset) clearBefore(article);
    added = article;
  }
  if (added) bringIntoView();
}

/** The server keeps nothing of a day before such a message: neither does the page. */
function clearBefore(article) {
  const since = new Date(article.querySelector("time").dateTime) - FORGET_MS;
  for (const one of [...log.children]) {
    if (one === article) break;
    if (new Date(one.querySelector("time").dateTime) >= since) one.remove();
  }
}

/** The newest message, but never so far that the start of the answer is out of sight. */
function bringIntoView() {
  const mine = [...log.querySelectorAll(".mine"), ...at("pending").children].pop();
  const bottom = document.documentElement.scrollHeight - innerHeight;
  const head = document.querySelector("header").offsetHeight + 12;
  const top = mine ? mine.getBoundingClientRect().top + scrollY - head : bottom;
  const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
  scrollTo({ top: Math.min(bottom, top), behavior });
}

function showPending(message) {
  if (message.start !== undefined || at("pending").querySelector(`[data-own="${message.id}"]`)) return;
  const bubble = at("own").content.firstElementChild.cloneNode(true);
  bubble.dataset.own = message.id;
  bubble.querySelector(".text").textContent = message.text || "";
  for (const file of message.files || []) {
    const line = document.createElement("li");
    line.textContent = file.name;
    bubble.querySelector(".files").append(line);
  }
  bubble.querySelector(".again").onclick = () => pump();
  bubble.querySelector(".drop").onclick = () => forget(message.id);
  at("pending").append(bubble);
  bringIntoView();
}

function forget(id) {
  pending.drop(id);
  at("pending").querySelector(`[data-own="${id}"]`)?.remove();
}

function mark(id, isStuck) {
  const bubble = at("pending").querySelector(`[data-own="${id}"]`);
  if (!bubble) return;
  bubble.classList.toggle("stuck", isStuck);
  if (isStuck) bubble.querySelector(".state").textContent = words.failed;
  bubble.querySelector(".row").hidden = !isStuck;
  if (isStuck) bringIntoView();
}

function tell(text, isCalm = false) {
  at("notice").classList.toggle("calm", isCalm);
  at("notice").textContent = text || "";
  at("notice").hidden = !text;
}

function reached(yes) {
  if (yes === null) return;
  at("offline").hidden = yes;
  if (yes && pending.all().length) pump();
}

// --- sending

function send(message) {
  pending.add(message);
  showPending(message);
  pump();
}

async function pump() {
  if (pumping) return;
  pumping = true;
  clearTimeout(timer);
  try {
    for (let message = pending.all()[0]; message; message = pending.all()[0]) {
      await sendOne(message);
      failures = 0;
    }
  } catch (error) {
    if (!(error instanceof Unreached || error instanceof Refused)) throw error;
    const wait = error.waitMs || PAUSES_MS[Math.min(failures, PAUSES_MS.length - 1)];
    failures += 1;
    timer = setTimeout(pump, wait);
  } finally {
    pumping = false;
    at("writing").hidden = true;
  }
}

async function sendOne(message) {
  const showing = setTimeout(() => {
    at("writing").hidden = false;
  }, 400);
  try {
    const answer = await post(message, newest());
    at("offline").hidden = true;
    if (!at("notice").dataset.stays) tell("");
    forget(message.id);
    show(answer.letters);
    if (answer.fresh) {
      tell(words.noCookie);
      at("notice").dataset.stays = "yes";
    }
  } catch (error) {
    mark(message.id, true);
    if (error instanceof Unreached) {
      at("offline").hidden = error.answered;
      if (error.answered) tell(words[error.reason] || words.tryAgain);
    } else if (error instanceof Refused) {
      tell(error.told || words[camel(error.reason)] || words.other);
      if (error.status !== 429) {
        // the server will never take it: the words go back to be changed
        if (message.text && !message.press && !input.value) input.value = message.text;
        forget(message.id);
        return;
      }
    }
    throw error;
  } finally {
    clearTimeout(showing);
  }
}

async function sendWords() {
  if (recording) {
    // what is being said is part of the message
    const { kept } = recording;
    recording.stop();
    await kept;
  }
  const text = input.value.trim();
  if (!text && tray.isEmpty) return;
  tell("");
  at("send").disabled = true;
  const files = await tray.take();
  at("send").disabled = false;
  if (files === null) return tell(words.uploadFailed);
  input.value = "";
  pending.keepDraft("");
  grow();
  input.focus();
  send({ id: pending.newId(), text, files });
}

function tap(button) {
  const [press, ...label] = button.value.split(" ");
  const now = performance.now();
  if (lastTap.press === press && now - lastTap.at < SAME_TAP_MS) return;
  lastTap = { press, at: now };
  button.classList.add("tapped");
  setTimeout(() => button.classList.remove("tapped"), SAME_TAP_MS);
  send({ id: pending.newId(), press, text: label.join(" ") });
}

// --- listening to the person

function grow() {
  input.style.height = "auto";
  input.style.height = `${input.scrollHeight + 3}px`;
}

function choose(picker, kind) {
  for (const file of picker.files) tray.add(file, file.name, kind);
  picker.value = "";
}

async function speak() {
  const label = at("speak").querySelector("span");
  if (recording) return recording.stop();
  recording = inApp() ? null : await record();
  if (!recording) {
    if (!inApp()) tell(words.noMicrophone);
    return at("pick-sound").click();
  }
  let keep;
  recording.kept = new Promise((resolve) => (keep = resolve));
  at("speak").classList.add("busy");
  label.textContent = label.dataset.busy;
  tell(words.recording, true);
  const sound = await recording.done;
  recording = null;
  at("speak").classList.remove("busy");
  label.textContent = label.dataset.idle;
  tell("");
  const ending = sound.type === "audio/mp4" ? "m4a" : sound.type === "audio/ogg" ? "ogg" : "webm";
  if (sound.size) tray.add(sound, `ghi-am.${ending}`, "voice");
  keep();
}

// pages opened inside another app are left without a manifest
const inApp = () => !document.querySelector("link[rel=manifest]");

log.addEventListener("click", (event) => {
  const button = event.target.closest("button[name=press]");
  if (!button) return;
  event.preventDefault();
  tap(button);
});
composer.addEventListener("submit", (event) => {
  event.preventDefault();
  sendWords();
});
input.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  sendWords();
});
input.addEventListener("input", () => {
  pending.keepDraft(input.value);
  grow();
});
at("attach").onclick = () => at("pick").click();
at("pick").onchange = () => choose(at("pick"), "");
at("pick-sound").onchange = () => choose(at("pick-sound"), "voice");
at("speak").onclick = speak;
at("older").onclick = async (event) => {
  event.preventDefault();
  const first = log.firstElementChild;
  const answer = await older(first.dataset.id).catch(() => null);
  if (!answer) return;
  const from = document.documentElement.scrollHeight - scrollY;
  log.setAttribute("aria-live", "off");
  for (const letter of answer.letters) {
    const made = document.createElement("template");
    made.innerHTML = letter.html;
    log.insertBefore(made.content.firstElementChild, first);
  }
  scrollTo(0, document.documentElement.scrollHeight - from);
  requestAnimationFrame(() => log.setAttribute("aria-live", "polite"));
  at("older").hidden = !answer.more;
};
addEventListener("offline", () => reached(false));
addEventListener("online", () => reached(true));

// --- the beginning

async function begin() {
  composer.querySelector(".tools").hidden = false;
  input.value ||= pending.draft();
  if (input.value) grow();
  at("offline").hidden = navigator.onLine;
  const seen = pending.markSeen();
  if (page.shell === "yes") {
    const answer = await newer(0).catch(() => null);
    if (answer) show(answer.letters);
    starts = Boolean(answer) && !answer.letters.length;
  } else {
    starts = !log.children.length || page.start !== "";
    if (page.known === "no" && seen) {
      tell(words.forgotten, true);
      at("notice").dataset.stays = "yes";
    }
  }
  if (location.search) history.replaceState(null, "", "/chat");
  const waiting = pending.all();
  waiting.forEach(showPending);
  if (starts && !waiting.length) pending.add({ id: pending.newId(), start: page.start || "" });
  if (log.children.length) bringIntoView();
  await pump();
  follow(newest, show, reached);
}

if ("serviceWorker" in navigator && !inApp()) {
  navigator.serviceWorker.register("/chat/sw.js", { scope: "/chat" }).catch(() => {});
}
begin();
