// Records a line as WAV (PCM, 16 bit, one channel) and puts it into the form's file field; the form is sent as any other.
// Without microphone, worklets or https the file field alone is there.
const LONGEST_S = 600;
const worklet = document.currentScript.dataset.worklet;
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
    const held = new DataTransfer();
    held.items.add(new File([sound], "thu.wav", { type: "audio/wav" }));
    form.elements.sound.files = held.files;
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
if (able) forms.forEach(equip);
else {
  document.getElementById("khong-thu").hidden = false;
  forms.forEach((form) => { form.querySelector("details").open = true; });
}
