// Runs in the sound thread: cuts what comes in to frames of signed 16 bit samples.
class Capture extends AudioWorkletProcessor {
  constructor({ processorOptions }) {
    super();
    this.frame = new Int16Array(processorOptions.frame);
    this.filled = 0;
  }

  process([input]) {
    const channel = input[0];
    const length = channel ? channel.length : 128;
    for (let i = 0; i < length; i += 1) {
      const sample = channel ? Math.max(-1, Math.min(1, channel[i])) : 0;
      this.frame[this.filled] = Math.round(sample * 32767);
      this.filled += 1;
      if (this.filled === this.frame.length) {
        const full = this.frame.slice().buffer;
        this.port.postMessage(full, [full]);
        this.filled = 0;
      }
    }
    return true;
  }
}

registerProcessor("capture", Capture);
