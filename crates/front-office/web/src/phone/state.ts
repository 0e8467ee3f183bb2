import { createStore } from "../live/store";

/** Where the phone in the browser stands. */
export type Phase = "off" | "connecting" | "ready" | "ringing" | "talking";

export interface PhoneState {
  phase: Phase;
  /** Whether sound comes and goes in this tab; another one may have the phone. */
  isHere: boolean;
  isMuted: boolean;
  /** In words, until the next attempt; empty for none. */
  problem: string;
}

export const OFF: PhoneState = { phase: "off", isHere: false, isMuted: false, problem: "" };

export const phoneState = createStore<PhoneState>(OFF);

/** What the tab that has the phone is asked to do by another one. */
export type Wish =
  | { wish: "answer" }
  | { wish: "mute"; isMuted: boolean }
  | { wish: "key"; key: string }
  | { wish: "disconnect" };

/** What tabs tell each other. */
export type Note = { note: "state"; state: PhoneState } | { note: "ask" } | Wish;

/** The state of a phone that is in another tab, as this one shows it. */
export function elsewhere(state: PhoneState): PhoneState {
  return { ...state, isHere: false };
}

/** Whether the phone can be used, here or in another tab. */
export function isOn({ phase }: PhoneState): boolean {
  return phase === "ready" || phase === "ringing" || phase === "talking";
}

const CHOICES = "caruso.phone.devices";
const REMEMBERED = "caruso.phone";

/** Which microphone and loudspeaker; empty for what the system has chosen. */
export interface Devices {
  microphone: string;
  speaker: string;
}

export function chosenDevices(): Devices {
  try {
    const read = JSON.parse(localStorage.getItem(CHOICES) ?? "{}") as Partial<Devices>;
    return { microphone: read.microphone ?? "", speaker: read.speaker ?? "" };
  } catch {
    return { microphone: "", speaker: "" };
  }
}

export function chooseDevices(devices: Devices): void {
  localStorage.setItem(CHOICES, JSON.stringify(devices));
}

/** Whether the phone is to be connected again after a reload, at this extension. */
export function isRemembered(extension: string): boolean {
  return localStorage.getItem(REMEMBERED) === extension;
}

export function remember(extension: string | undefined): void {
  if (extension === undefined) localStorage.removeItem(REMEMBERED);
  else localStorage.setItem(REMEMBERED, extension);
}

/** What is asked of the microphone: telephone sound without echo. */
export function constraints(microphone: string): MediaTrackConstraints {
  const wanted = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
  return microphone ? { ...wanted, deviceId: { exact: microphone } } : wanted;
}
