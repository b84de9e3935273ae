// Files on their way into a message: chosen or recorded, shown, uploaded before the message refers to them.
import { upload, Refused } from "./wire.js";

const MAX_BYTES = 20 * 1024 * 1024;
const MAX_FILES = 10;
const SMALL_BYTES = 500 * 1024;
const MAX_SIDE = 2000;
const MAX_RECORDING_MS = 180000;

export class Tray {
  constructor(element, words, tell) {
    Object.assign(this, { element, words, tell, files: [] });
  }

  get isEmpty() {
    return this.files.length === 0;
  }

  add(blob, name, kind) {
    if (this.files.length >= MAX_FILES) return this.tell(this.words.tooManyFiles);
    if (blob.size > MAX_BYTES && !blob.type.startsWith("image/")) return this.tell(this.words.tooBig);
    const row = document.getElementById("file").content.firstElementChild.cloneNode(true);
    const file = { blob, name, kind, row, kept: null, failed: false };
    row.querySelector(".name").textContent = name;
    row.querySelector(".look").append(look(blob, kind));
    const drop = row.querySelector(".drop");
    drop.setAttribute("aria-label", `${drop.textContent}: ${name}`);
    drop.onclick = () => this.remove(file);
    row.querySelector(".name").onclick = () => file.failed && this.start(file);
    this.files.push(file);
    this.element.append(row);
    this.element.hidden = false;
    this.start(file);
  }

  start(file) {
    file.failed = false;
    file.row.classList.remove("bad");
    file.row.querySelector(".name").textContent = this.words.uploading;
    file.done = smaller(file.blob).then((blob) => upload(blob, file.kind)).then(
      (kept) => {
        file.kept = { ...kept, name: file.name };
        file.row.querySelector(".name").textContent = file.name;
      },
      (error) => {
        file.failed = true;
        file.row.classList.add("bad");
        const told = error instanceof Refused ? error.told || this.words[camel(error.reason)] : "";
        file.row.querySelector(".name").textContent = told || this.words.uploadFailed;
      },
    );
  }

  remove(file) {
    this.files = this.files.filter((one) => one !== file);
    file.row.remove();
    this.element.hidden = this.isEmpty;
  }

  /** The uploaded files, taken out; null when one of them is not there yet. */
  async take() {
    await Promise.all(this.files.map((file) => file.done));
    const failed = this.files.filter((file) => file.failed);
    if (failed.length) {
      failed.forEach((file) => this.start(file));
      await Promise.all(failed.map((file) => file.done));
      if (failed.some((file) => file.failed)) return null;
    }
    const kept = this.files.map((file) => file.kept);
    [...this.files].forEach((file) => this.remove(file));
    return kept;
  }
}

export const camel = (key) => key.replace(/-(.)/g, (_all, letter) => letter.toUpperCase());

/** A photo small enough for a slow link, large enough to read a paper on; anything else as it is. */
async function smaller(blob) {
  if (!blob.type.startsWith("image/") || blob.size < SMALL_BYTES || !window.createImageBitmap) return blob;
  try {
    const picture = await createImageBitmap(blob);
    const scale = Math.min(1, MAX_SIDE / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    const drawn = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.85));
    return drawn && drawn.size < blob.size ? drawn : blob;
  } catch {
    return blob;
  }
}

function look(blob, kind) {
  const url = URL.createObjectURL(blob);
  if (blob.type.startsWith("image/")) {
    const image = new Image();
    image.alt = "";
    image.onload = () => URL.revokeObjectURL(url);
    image.src = url;
    return image;
  }
  if (kind === "voice" || blob.type.startsWith("audio/")) {
    const sound = new Audio(url);
    sound.controls = true;
    return sound;
  }
  URL.revokeObjectURL(url);
  return document.createTextNode("");
}

/** Records until stopped. Resolves to null where there is no microphone. */
export async function record() {
  if (!navigator.mediaDevices || !window.MediaRecorder) return null;
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  } catch {
    return null;
  }
  const types = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];
  const mimeType = types.find((type) => MediaRecorder.isTypeSupported(type));
  const recorder = new MediaRecorder(stream, { mimeType, audioBitsPerSecond: 32000 });
  const pieces = [];
  recorder.ondataavailable = (event) => event.data.size && pieces.push(event.data);
  const timer = setTimeout(() => recorder.state === "recording" && recorder.stop(), MAX_RECORDING_MS);
  const done = new Promise((resolve) => {
    recorder.onstop = () => {
      clearTimeout(timer);
      stream.getTracks().forEach((track) => track.stop());
      resolve(new Blob(pieces, { type: (mimeType || "audio/webm").split(";")[0] }));
    };
  });
  recorder.start();
  return { done, stop: () => recorder.state === "recording" && recorder.stop() };
}
