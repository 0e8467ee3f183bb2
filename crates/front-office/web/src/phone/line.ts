import type { UA } from "jssip";
import type { RTCSessionEvent } from "jssip/lib/UA";
import type { RTCSession } from "jssip/lib/RTCSession";
import { Sound } from "../demo/sound";
import { announce } from "../live/announcer";
import { en } from "../messages";
import { chosenDevices, constraints, OFF, type PhoneState } from "./state";

/** Registrations last this long, in seconds; the phone renews them. */
const EXPIRES = 120;
/** How soon a lost connection is made anew, and how late at most, in seconds. */
const SOONEST = 1;
const LATEST = 8;
/** Why the server closes a connection that is not to come back (RFC 6455 §7.4.1). */
const FOR_GOOD = 1008;

/** The phone of this tab: registers at the server that the page came from, and carries a call. */
export class Line {
  private state: PhoneState = { ...OFF, phase: "connecting", isHere: true };
  private agent: UA | undefined;
  private session: RTCSession | undefined;
  private isClosed = false;
  /** The connection broke during the call, so that its end may not be heard. */
  private isCutOff = false;
  private readonly ringer = new Sound(() => undefined);
  private readonly speaker = new Audio();

  constructor(
    private readonly extension: string,
    private readonly onState: (state: PhoneState) => void,
  ) {
    this.speaker.autoplay = true;
  }

  /** Rejects with words for the agent where no microphone may be used. */
  async open(): Promise<void> {
    this.patch({});
    await allowMicrophone();
    const { UA, WebSocketInterface } = await import("jssip");
    if (this.isClosed) return;
    const address = new URL("/phone", window.location.href);
    address.protocol = address.protocol.replace("http", "ws");
    const agent = new UA({
      sockets: [new WebSocketInterface(address.href)],
      uri: `sip:${this.extension}@caruso.invalid`,
      register: true,
      register_expires: EXPIRES,
      connection_recovery_min_interval: SOONEST,
      connection_recovery_max_interval: LATEST,
    });
    agent.on("registered", () => this.registered());
    agent.on("registrationFailed", () => this.waits(en.browserPhone.refused));
    agent.on("disconnected", ({ code, reason }) => {
      if (code === FOR_GOOD) this.giveUp(reason ?? "");
      else this.waits("");
    });
    agent.on("newRTCSession", ({ originator, session }: RTCSessionEvent) => {
      if (originator === "remote") this.rings(session);
    });
    this.agent = agent;
    agent.start();
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.session?.terminate();
    this.agent?.stop();
    this.ringer.close();
    this.speaker.srcObject = null;
    this.onState(OFF);
  }

  answer(): void {
    const { session } = this;
    if (!session || this.state.phase !== "ringing") return;
    this.ringer.ring(false);
    const devices = chosenDevices();
    if (devices.speaker) void this.speaker.setSinkId?.(devices.speaker).catch(() => undefined);
    session.answer({
      mediaConstraints: { audio: constraints(devices.microphone), video: false },
      pcConfig: { iceServers: [] },
    });
  }

  mute(isMuted: boolean): void {
    if (isMuted) this.session?.mute({ audio: true });
    else this.session?.unmute({ audio: true });
    if (this.session) this.patch({ isMuted });
  }

  press(key: string): void {
    if (this.state.phase !== "talking") return;
    this.session?.sendDTMF(key, { transportType: "RFC2833" as never });
  }

  /** The desk says that there is no call any more. */
  noCall(): void {
    if (this.isCutOff) this.session?.terminate();
  }

  private registered(): void {
    const phase = this.state.phase === "connecting" ? "ready" : this.state.phase;
    this.patch({ phase, problem: "" });
  }

  /** The server is away, and is asked again; a call goes on. */
  private waits(problem: string): void {
    if (this.isClosed) return;
    if (this.session) this.isCutOff = true;
    else this.patch({ phase: "connecting", problem });
  }

  private giveUp(problem: string): void {
    this.close();
    this.onState({ ...OFF, problem: problem || en.browserPhone.refused });
  }

  private rings(session: RTCSession): void {
    if (this.session) {
      session.terminate({ status_code: 486 });
      return;
    }
    this.session = session;
    this.isCutOff = false;
    session.on("peerconnection", ({ peerconnection }) => {
      peerconnection.addEventListener("track", ({ streams }) => {
        this.speaker.srcObject = streams[0] ?? null;
        void this.speaker.play().catch(() => this.patch({ problem: en.browserPhone.noSound }));
      });
    });
    // the server is found by its own address, so that nothing need be waited for
    session.on("icecandidate", ({ ready }) => ready());
    session.on("accepted", () => this.patch({ phase: "talking", isMuted: false, problem: "" }));
    session.on("ended", () => this.over(session, ""));
    session.on("failed", ({ cause }) => {
      this.over(session, cause === "User Denied Media Access" ? en.browserPhone.noMicrophone : "");
    });
    this.ringer.ring(true);
    this.patch({ phase: "ringing", problem: "" });
    announce(en.browserPhone.ringing, "urgent");
  }

  private over(session: RTCSession, problem: string): void {
    if (session !== this.session) return;
    this.session = undefined;
    this.ringer.ring(false);
    this.speaker.srcObject = null;
    const isReady = this.agent?.isRegistered() ?? false;
    this.patch({ phase: isReady ? "ready" : "connecting", isMuted: false, problem });
  }

  private patch(change: Partial<PhoneState>): void {
    if (this.isClosed) return;
    this.state = { ...this.state, ...change };
    this.onState(this.state);
  }
}

/** Asks for the microphone once, so that the browser's question comes before a call does. */
export async function allowMicrophone(): Promise<void> {
  // browsers hide it from pages that do not come over HTTPS or from this computer
  if (!navigator.mediaDevices) throw new Error(en.browserPhone.insecure);
  try {
    const audio = constraints(chosenDevices().microphone);
    const stream = await navigator.mediaDevices.getUserMedia({ audio });
    for (const track of stream.getTracks()) track.stop();
  } catch {
    throw new Error(en.browserPhone.noMicrophone);
  }
}
