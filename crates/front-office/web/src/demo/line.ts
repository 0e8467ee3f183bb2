import { announce } from "../live/announcer";
import { createStore, type Store } from "../live/store";
import { en } from "../messages";
import { decodeFrame, loudness, Sound, type Voice } from "./sound";

/** Where a demo telephone stands. */
export type Phase = "off" | "connecting" | "idle" | "ringing" | "talking" | "ended";

export interface LineState {
  phase: Phase;
  /** Of an ended call: why. */
  cause: string;
  /** Loudness of what is heard, from 0 to 1. */
  level: number;
  voice: Voice;
  problem: string;
}

/** What the browser tells a demo telephone. */
export type Control =
  | { type: "place"; called: string; calling: string }
  | { type: "register" }
  | { type: "answer" }
  | { type: "key"; key: string }
  | { type: "hang-up" };

interface Told {
  type: "state";
  phase: Phase;
  cause?: string;
}

const PHASES: Phase[] = ["idle", "ringing", "talking", "ended"];

/** A state message of the server; undefined for anything else. */
export function parseTold(text: string): Told | undefined {
  try {
    const told = JSON.parse(text) as Partial<Told>;
    const isState = told.type === "state" && told.phase && PHASES.includes(told.phase);
    return isState
      ? { type: "state", phase: told.phase as Phase, cause: told.cause ?? "" }
      : undefined;
  } catch {
    return undefined;
  }
}

const OFF: LineState = { phase: "off", cause: "", level: 0, voice: "sample", problem: "" };

/** A demo telephone: real sound over a WebSocket. Outside of the pages, so that none ends it. */
export class Line {
  readonly state: Store<LineState> = createStore(OFF);
  private socket: WebSocket | undefined;
  private sound: Sound | undefined;
  private silentFrames = 0;

  constructor(
    private readonly path: string,
    private readonly sample: string,
    private readonly isPhone: boolean,
  ) {}

  open(first: Control): void {
    this.close();
    this.patch({ phase: "connecting", cause: "", problem: "", level: 0 });
    const address = new URL(this.path, window.location.href);
    address.protocol = address.protocol.replace("http", "ws");
    const socket = new WebSocket(address);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => this.send(first);
    socket.onmessage = ({ data }) => {
      if (typeof data === "string") this.told(data);
      else this.heard(data as ArrayBuffer);
    };
    socket.onclose = () => this.closed(socket);
    this.socket = socket;
    this.sound = new Sound((bytes) => this.spoken(bytes));
    this.speak(this.state.read().voice);
  }

  send(control: Control): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(control));
  }

  speak(voice: Voice): void {
    this.patch({ voice, problem: "" });
    this.sound?.speak(voice, this.sample).catch(() => {
      if (voice !== "microphone") return;
      this.speak("sample");
      this.patch({ problem: en.demo.noMicrophone });
    });
  }

  close(): void {
    const { socket, sound } = this;
    this.socket = undefined;
    this.sound = undefined;
    socket?.close();
    sound?.close();
    this.patch({ phase: "off", level: 0 });
  }

  private told(text: string): void {
    const told = parseTold(text);
    if (!told) return;
    this.sound?.ring(told.phase === "ringing");
    if (told.phase === "ringing" && this.isPhone) announce(en.demo.ringing, "urgent");
    // A phone is ready for the next call; its last cause stays to be read.
    const isOver = told.phase === "ended";
    this.patch({
      phase: isOver && this.isPhone ? "idle" : told.phase,
      cause: isOver ? en.demo.ended(told.cause ?? "") : "",
      level: 0,
    });
    if (isOver && !this.isPhone) {
      this.close();
      this.patch({ phase: "ended" });
    }
  }

  private heard(bytes: ArrayBuffer): void {
    const samples = decodeFrame(bytes);
    this.sound?.play(samples);
    const level = loudness(samples);
    this.silentFrames = level > 0.005 ? 0 : this.silentFrames + 1;
    // Ten frames of silence pass before the meter falls, so that it does not flicker.
    if (level > 0.005 || this.silentFrames === 10) this.patch({ level });
  }

  private spoken(bytes: ArrayBuffer): void {
    const { socket } = this;
    if (this.state.read().phase !== "talking" || socket?.readyState !== WebSocket.OPEN) return;
    // Sound that cannot leave now is worth nothing later.
    if (socket.bufferedAmount < 8_000) socket.send(bytes);
  }

  private closed(socket: WebSocket): void {
    if (socket !== this.socket) return;
    this.close();
    this.patch({ phase: "ended", problem: en.demo.broken });
  }

  private patch(change: Partial<LineState>): void {
    this.state.update((current) => ({ ...current, ...change }));
  }
}

export const customerLine = new Line("/demo/call", "/customer.wav", false);
export const phoneLine = new Line("/demo/phone", "/agent.wav", true);
