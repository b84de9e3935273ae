// Messages the server has not taken yet. They outlive a reload and a lost connection, and are sent again
// under the same id, so that the server can tell a repeat.
const KEY = "loathon.pending";
const DRAFT = "loathon.draft";
let inMemory = [];

function read() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) || [];
  } catch {
    return inMemory;
  }
}

function write(messages) {
  inMemory = messages;
  try {
    localStorage.setItem(KEY, JSON.stringify(messages));
  } catch {
    // storage is full or closed to us: memory has to do
  }
}

export const all = read;

export function add(message) {
  write([...read().filter((one) => one.id !== message.id), message]);
}

export function drop(id) {
  write(read().filter((one) => one.id !== id));
}

export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");
}

/** Remembers that this browser had a conversation, and tells whether it had one before. */
export function markSeen() {
  try {
    const before = localStorage.getItem("loathon.seen") !== null;
    localStorage.setItem("loathon.seen", "1");
    return before;
  } catch {
    return false;
  }
}

/** Words typed and not yet sent: an app that closes its browser must not cost a story. */
export function draft() {
  try {
    return localStorage.getItem(DRAFT) || "";
  } catch {
    return "";
  }
}

export function keepDraft(text) {
  try {
    if (text) localStorage.setItem(DRAFT, text);
    else localStorage.removeItem(DRAFT);
  } catch {
    // then it is not kept
  }
}
