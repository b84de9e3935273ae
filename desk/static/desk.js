// Hears that something moved and tells the parts of the page that show it: `hx-trigger="bell from:body"`.
if (document.body.dataset.bell && window.EventSource) {
  const bell = new EventSource(document.body.dataset.bell);
  bell.addEventListener("moved", () => htmx.trigger(document.body, "bell"));
  // messages went out: apart, because it may come every other second for hours
  bell.addEventListener("sending", () => htmx.trigger(document.body, "sending"));
  addEventListener("pagehide", () => bell.close());
}
// A session that ended answers with the login page: show it whole, never inside a part.
document.body.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status === 401 || event.detail.xhr.responseURL.includes("/ban/vao")) location.reload();
});
for (const field of document.querySelectorAll("[data-select]")) field.addEventListener("focus", () => field.select());
