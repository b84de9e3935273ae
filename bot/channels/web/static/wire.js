// The connection: posts, the stream of new messages, and a poll where no stream can be had.
const TIMEOUT_MS = 25000;
const POLL_MS = 6000;

/** Thrown when nobody knows whether the server took it. `answered`: it was there, but could not. */
export class Unreached extends Error {
  constructor(answered = false, waitMs = 0, reason = "") {
    super("unreached");
    Object.assign(this, { answered, waitMs, reason });
  }
}

/** Thrown when the server said no. */
export class Refused extends Error {
  constructor(status, reason, told, waitMs) {
    super(reason);
    Object.assign(this, { status, reason, told, waitMs });
  }
}

async function ask(url, options = {}, timeoutMs = TIMEOUT_MS) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), timeoutMs);
  let response;
  let body = {};
  try {
    response = await fetch(url, { credentials: "same-origin", cache: "no-store", signal: abort.signal, ...options });
    body = await response.json().catch(() => ({}));
  } catch {
    throw new Unreached();
  } finally {
    clearTimeout(timer);
  }
  if (response.ok) return body;
  const wait = Number(response.headers.get("retry-after") || 0) * 1000;
  if (response.status >= 500) throw new Unreached(true, wait, body.reason);
  throw new Refused(response.status, body.reason || "other", body.told || "", wait);
}

export const post = (message, after) =>
  ask("/chat/send", {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify({ ...message, after }),
  });

export const older = (before) => ask(`/chat/letters?before=${before}`);
export const newer = (after) => ask(`/chat/letters?after=${after}`);

export const upload = (blob, kind) =>
  ask(`/chat/upload?kind=${kind}`, { method: "POST", body: blob, headers: { accept: "application/json" } }, 180000);

/** Follows the conversation. `after()` gives the newest id shown; `take(letters)`; `reached(yes)` tells of the connection. */
export function follow(after, take, reached) {
  let source = null;
  let timer = 0;

  function open() {
    clearTimeout(timer);
    source = new EventSource(`/chat/events?after=${after()}`);
    source.onopen = () => reached(true);
    source.addEventListener("letter", (event) => take([JSON.parse(event.data)]));
    source.onerror = () => {
      reached(navigator.onLine ? null : false);
      // a browser reconnects by itself unless the server refused the stream
      if (source.readyState === EventSource.CLOSED) timer = setTimeout(poll, POLL_MS);
    };
  }

  async function poll() {
    try {
      take((await newer(after())).letters);
      reached(true);
    } catch {
      reached(false);
    }
    open();
  }

  function close() {
    clearTimeout(timer);
    if (source) source.close();
  }

  addEventListener("pagehide", close);
  addEventListener("pageshow", (event) => event.persisted && open());
  addEventListener("online", () => {
    close();
    open();
  });
  open();
}
