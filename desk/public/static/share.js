// Makes forwarding one tap where the browser can; without this the text is there to be copied by hand.
const text = document.getElementById("loi-chuyen");
const row = document.getElementById("nut-chuyen");
const share = document.getElementById("gui");
const copy = document.getElementById("chep");

async function copyText() {
  try {
    await navigator.clipboard.writeText(text.value);
  } catch {
    text.select();
    document.execCommand("copy");
  }
  copy.textContent = copy.dataset.done;
}

text.addEventListener("focus", () => text.select());
share.hidden = !navigator.share;
share.onclick = () => navigator.share({ title: row.dataset.title, text: text.value }).catch(() => {});
copy.onclick = copyText;
row.hidden = false;
