import { useEffect } from "react";
import { deskFeed } from "../desk/feed";
import { Line } from "./line";
import {
  elsewhere,
  isRemembered,
  type Note,
  OFF,
  phoneState,
  type PhoneState,
  remember,
  type Wish,
} from "./state";

/** The tab that holds this lock has the phone; the others wait for it. */
const LOCK = "caruso.phone";

/** One phone for all tabs of a browser: whichever has it carries the sound and does what the others
 * ask for. */
class Phone {
  private line: Line | undefined;
  private waiting: AbortController | undefined;
  private letGo: (() => void) | undefined;
  private readonly tabs = new BroadcastChannel(LOCK);

  constructor() {
    this.tabs.onmessage = ({ data }: MessageEvent<Note>) => this.told(data);
    this.tell({ note: "ask" });
  }

  /** Connects here, or in the tab that has the phone already. */
  connect(extension: string): void {
    remember(extension);
    if (this.waiting) return;
    const waiting = new AbortController();
    this.waiting = waiting;
    const hold = () => this.hold(extension);
    // given up by disconnecting
    navigator.locks.request(LOCK, { signal: waiting.signal }, hold).catch(() => undefined);
    this.tell({ note: "ask" });
  }

  disconnect(): void {
    remember(undefined);
    this.stop();
    this.tell({ wish: "disconnect" });
    phoneState.write(OFF);
  }

  answer(): void {
    if (this.line) this.line.answer();
    else this.tell({ wish: "answer" });
  }

  mute(isMuted: boolean): void {
    if (this.line) this.line.mute(isMuted);
    else this.tell({ wish: "mute", isMuted });
  }

  press(key: string): void {
    if (this.line) this.line.press(key);
    else this.tell({ wish: "key", key });
  }

  noCall(): void {
    this.line?.noCall();
  }

  /** Nobody is logged in any more. */
  leave(): void {
    this.stop();
    phoneState.write(OFF);
  }

  /** Has the phone until it is let go. */
  private async hold(extension: string): Promise<void> {
    const gone = new Promise<void>((resolve) => {
      this.letGo = resolve;
    });
    const line: Line = new Line(extension, (state) => {
      // one that was let go says nothing any more
      if (this.line === line) this.is(state);
    });
    this.line = line;
    try {
      await line.open();
    } catch (error) {
      line.close();
      remember(undefined);
      this.is({ ...OFF, problem: error instanceof Error ? error.message : String(error) });
    }
    await gone;
    line.close();
  }

  private is(state: PhoneState): void {
    phoneState.write(state);
    this.tell({ note: "state", state });
    if (state.phase === "off") this.stop();
  }

  private stop(): void {
    const { letGo, waiting } = this;
    this.letGo = undefined;
    this.waiting = undefined;
    this.line = undefined;
    letGo?.();
    waiting?.abort();
  }

  private tell(note: Note): void {
    this.tabs.postMessage(note);
  }

  private told(note: Note): void {
    if ("wish" in note) this.does(note);
    else if (note.note === "state") phoneState.write(elsewhere(note.state));
    else if (this.line) this.tell({ note: "state", state: phoneState.read() });
  }

  private does(wish: Wish): void {
    if (wish.wish === "disconnect") {
      this.stop();
      phoneState.write(OFF);
    } else if (!this.line) return;
    else if (wish.wish === "answer") this.line.answer();
    else if (wish.wish === "mute") this.line.mute(wish.isMuted);
    else this.line.press(wish.key);
  }
}

export const phone = new Phone();

/** Connects the phone again after a reload, and lets it go with the log-in. */
export function usePhone(extension: string): void {
  useEffect(() => {
    if (extension && isRemembered(extension)) phone.connect(extension);
    return () => phone.leave();
  }, [extension]);
  useEffect(
    () =>
      deskFeed.subscribe(() => {
        const { link, desk } = deskFeed.read();
        if (link === "live" && desk && !desk.status?.contact) phone.noCall();
      }),
    [],
  );
}
