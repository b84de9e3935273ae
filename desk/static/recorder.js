// Records a line as WAV (PCM, 16 bit, one channel) and puts it into the form's file field; the form is sent as any other.
// Without microphone, worklets or https the file field alone is there.
const LONGEST_S = 600;
const worklet = document.currentScript.dataset.worklet;
const most = Number(document.currentScript.dataset.most);
// hertz of what the browser reads for us: more than any loudspeaker gives back, and ten minutes stay within a form
const READ_RATE = 32000;
// a quarter of an hour as telephones record it; more would be too much for a small one's memory, and for a form as WAV
const READ_MOST = 15000000;
const able = Boolean(window.AudioWorkletNode && window.DataTransfer && navigator.mediaDevices?.getUserMedia);

function wav(chunks, rate) {
  const count = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const view = new DataView(new ArrayBuffer(44 + 2 * count));
  const put = (at, text) => [...text].forEach((letter, i) => view.setUint8(at + i, letter.charCodeAt(0)));
  put(0, "RIFF"); view.setUint32(4, 36 + 2 * count, true); put(8, "WAVEfmt "); view.setUint32(16, 16, true);
  view.setUint16(20, 1, true); view.setUint16(22, 1, true); view.setUint32(24, rate, true); view.setUint32(28, 2 * rate, true);
  view.setUint16(32, 2, true); view.setUint16(34, 16, true); put(36, "data"); view.setUint32(40, 2 * count, true);
  let at = 44;
  for (const chunk of chunks) for (const value of chunk) {
    view.setInt16(at, Math.round(Math.max(-1, Math.min(1, value)) * 32767), true);
    at += 2;
  }
  return new Blob([view], { type: "audio/wav" });
}

// Beginnings of the files the desk itself reads: WAV, AIFF, FLAC, Ogg, MP3.
function isPlain(head) {
  const begins = String.fromCharCode(...head.subarray(0, 4));
  const isMpeg = head[0] === 0xff && (head[1] & 0xe0) === 0xe0 && (head[1] & 0x06) !== 0;
  return ["RIFF", "RF64", "FORM", "fLaC", "OggS"].includes(begins) || begins.startsWith("ID3") || isMpeg;
}

function hold(field, file) {
  const held = new DataTransfer();
  if (file) held.items.add(file);
  field.files = held.files;
}

// What a telephone recorded in a form the desk does not read (M4A, AMR, WebM), read by the browser if it can: a WAV, or null.
async function readHere(file) {
  if (file.size > READ_MOST) return null;
  try {
    const sound = await new OfflineAudioContext(1, 1, READ_RATE).decodeAudioData(await file.arrayBuffer());
    const mixed = new Float32Array(sound.length);
    for (let i = 0; i < sound.numberOfChannels; i += 1) sound.getChannelData(i).forEach((value, at) => { mixed[at] += value / sound.numberOfChannels; });
    return wav([mixed], sound.sampleRate);
  } catch {
    return null;
  }
}

function watch(form) {
  const { sound, original } = form.elements;
  const [big, read, play] = ["big", "read", "play"].map((name) => form.querySelector(`[data-${name}]`));
  sound.addEventListener("change", async () => {
    const file = sound.files[0];
    big.hidden = read.hidden = true;
    hold(original, null);
    if (!file) return;
    if (file.size > most) {
      hold(sound, null);
      big.hidden = false;
      return;
    }
    if (isPlain(new Uint8Array(await file.slice(0, 16).arrayBuffer()))) return;
    const samples = await readHere(file);
    if (!samples || samples.size + file.size > most || sound.files[0] !== file) return;
    hold(sound, new File([samples], "doc.wav", { type: "audio/wav" }));
    hold(original, file);
    if (play.src) URL.revokeObjectURL(play.src);
    play.src = URL.createObjectURL(samples);
    play.hidden = read.hidden = false;
  });
}

function equip(form) {
  const part = (name) => form.querySelector(`[data-${name}]`);
  const [start, stop, level, told, play] = ["start", "stop", "level", "told", "play"].map(part);
  let running = null;

  async function begin() {
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: false } });
    } catch {
      document.getElementById("khong-thu").hidden = false;
      form.querySelector("details").open = true;
      return;
    }
    const context = new AudioContext();
    await context.audioWorklet.addModule(worklet);
    const chunks = [];
    const taps = new AudioWorkletNode(context, "taps", { numberOfOutputs: 0 });
    let heard = 0;
    taps.port.onmessage = ({ data }) => {
      chunks.push(data);
      heard += data.length;
      level.value = Math.max(level.value * 0.9, ...data.map(Math.abs));
      const seconds = Math.floor(heard / context.sampleRate);
      if (told.dataset.seconds !== String(seconds)) { told.dataset.seconds = seconds; told.textContent = `${seconds}″`; }
      if (seconds >= LONGEST_S) end();
    };
    context.createMediaStreamSource(stream).connect(taps);
    running = { stream, context, chunks };
    start.hidden = true;
    stop.hidden = false;
    stop.focus();
  }

  async function end() {
    if (!running) return;
    const { stream, context, chunks } = running;
    running = null;
    stream.getTracks().forEach((track) => track.stop());
    const rate = context.sampleRate;
    await context.close();
    const sound = wav(chunks, rate);
    hold(form.elements.sound, new File([sound], "thu.wav", { type: "audio/wav" }));
    hold(form.elements.original, null);
    if (play.src) URL.revokeObjectURL(play.src);
    play.src = URL.createObjectURL(sound);
    play.hidden = false;
    level.value = 0;
    stop.hidden = true;
    start.hidden = false;
    start.focus();
  }

  part("controls").hidden = false;
  start.addEventListener("click", begin);
  stop.addEventListener("click", end);
}

const forms = document.querySelectorAll("[data-record]");
if (window.DataTransfer && window.OfflineAudioContext) forms.forEach(watch);
if (able) forms.forEach(equip);
else {
  document.getElementById("khong-thu").hidden = false;
  forms.forEach((form) => { form.querySelector("details").open = true; });
}
