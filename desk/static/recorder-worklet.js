// Hands on what the microphone gives, as it comes: plain samples, nothing encoded.
class Taps extends AudioWorkletProcessor {
  process([input]) {
    if (input.length) this.port.postMessage(input[0].slice());
    return true;
  }
}
registerProcessor("taps", Taps);
