import captureUrl from "./capture.worklet.js?url";

/** Samples a second, and samples in a frame of 20 ms: what the telephone network carries. */
const RATE = 8_000;
const FRAME = 160;

/** How far playing may lag behind before sound is dropped, in seconds. */
const LONGEST_LAG = 0.4;
/** Sound is held back so long, so that frames that come late leave no gap, in seconds. */
const HELD_BACK = 0.06;

export type Voice = "microphone" | "sample" | "silence";

/** Samples of a frame from their bytes, signed 16 bit little endian, as numbers from -1 to 1. */
export function decodeFrame(bytes: ArrayBuffer): Float32Array<ArrayBuffer> {
  const view = new DataView(bytes);
  const samples = new Float32Array(Math.floor(bytes.byteLength / 2));
  for (let i = 0; i < samples.length; i += 1) samples[i] = view.getInt16(i * 2, true) / 32_768;
  return samples;
}

/** Loudness of samples: the square root of their mean square, from 0 to 1. */
export function loudness(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return samples.length === 0 ? 0 : Math.sqrt(sum / samples.length);
}

/**
 * When a frame is to be played, or undefined when so much is waiting that it is dropped.
 *
 * @param end when the last planned frame ends
 * @param now the time of the sound clock; all in seconds
 */
export function playAt(end: number, now: number): number | undefined {
  if (end < now) return now + HELD_BACK;
  return end - now > LONGEST_LAG ? undefined : end;
}

/** Ear and mouth of one telephone: plays frames, and makes frames of a voice. */
export class Sound {
  private readonly context = new AudioContext({ sampleRate: RATE });
  private end = 0;
  private source: AudioNode | undefined;
  private microphone: MediaStream | undefined;
  private capture: AudioWorkletNode | undefined;
  private ringing: OscillatorNode | undefined;

  /** @param onFrame gets each 20 ms of the voice, 320 bytes */
  constructor(private readonly onFrame: (bytes: ArrayBuffer) => void) {}

  play(samples: Float32Array<ArrayBuffer>): void {
    if (samples.length === 0) return;
    const start = playAt(this.end, this.context.currentTime);
    if (start === undefined) return;
    const buffer = this.context.createBuffer(1, samples.length, RATE);
    buffer.copyToChannel(samples, 0);
    const node = new AudioBufferSourceNode(this.context, { buffer });
    node.connect(this.context.destination);
    node.start(start);
    this.end = start + samples.length / RATE;
  }

  /** Speaks with a voice from now on. Rejects where no microphone may be used. */
  async speak(voice: Voice, sample: string): Promise<void> {
    await this.context.resume();
    this.silence();
    if (!this.capture) {
      await this.context.audioWorklet.addModule(captureUrl);
      const options = { numberOfOutputs: 0, processorOptions: { frame: FRAME } };
      this.capture = new AudioWorkletNode(this.context, "capture", options);
      this.capture.port.onmessage = ({ data }) => this.onFrame(data as ArrayBuffer);
    }
    if (voice === "silence") return;
    this.source = voice === "sample" ? await this.sample(sample) : await this.listen();
    this.source.connect(this.capture);
  }

  private async sample(address: string): Promise<AudioNode> {
    const bytes = await (await fetch(address)).arrayBuffer();
    const buffer = await this.context.decodeAudioData(bytes);
    const node = new AudioBufferSourceNode(this.context, { buffer, loop: true });
    node.start();
    return node;
  }

  private async listen(): Promise<AudioNode> {
    if (!navigator.mediaDevices) throw new Error("no microphone");
    this.microphone = await navigator.mediaDevices.getUserMedia({
      audio: { echoCancellation: true, noiseSuppression: true },
    });
    return this.context.createMediaStreamSource(this.microphone);
  }

  private silence(): void {
    this.source?.disconnect();
    this.source = undefined;
    for (const track of this.microphone?.getTracks() ?? []) track.stop();
    this.microphone = undefined;
  }

  /** Rings, or stops to ring: 425 Hz, one second of four. */
  ring(isRinging: boolean): void {
    if (isRinging === (this.ringing !== undefined)) return;
    this.ringing?.stop();
    this.ringing = undefined;
    if (!isRinging) return;
    const volume = new GainNode(this.context, { gain: 0 });
    const start = this.context.currentTime;
    for (let round = 0; round < 30; round += 1) {
      volume.gain.setValueAtTime(0.12, start + round * 4);
      volume.gain.setValueAtTime(0, start + round * 4 + 1);
    }
    this.ringing = new OscillatorNode(this.context, { frequency: 425 });
    this.ringing.connect(volume).connect(this.context.destination);
    this.ringing.start();
  }

  close(): void {
    this.ring(false);
    this.silence();
    this.capture?.disconnect();
    void this.context.close();
  }
}
