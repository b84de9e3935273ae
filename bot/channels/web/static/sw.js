// Keeps the empty page and its parts, so that the chat opens without a network. Messages are never kept here.
const SHELL = `loathon-${VERSION}`;
const PARTS = ["chat.css", "chat.js", "pending.js", "wire.js", "tray.js", "icon.svg"];

self.addEventListener("install", (event) => {
  const urls = ["/chat/shell", ...PARTS.map((name) => `/chat/static/${VERSION}/${name}`)];
  event.waitUntil(caches.open(SHELL).then((cache) => cache.addAll(urls)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const clear = (names) => Promise.all(names.filter((name) => name !== SHELL).map((name) => caches.delete(name)));
  event.waitUntil(caches.keys().then(clear).then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate" && url.pathname === "/chat") {
    event.respondWith(fetch(request).catch(() => caches.match("/chat/shell")));
  } else if (url.pathname.startsWith(`/chat/static/${VERSION}/`)) {
    event.respondWith(caches.match(request).then((kept) => kept || fetch(request)));
  }
});
