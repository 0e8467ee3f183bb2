import { useEffect, useState } from "react";
import { loudness } from "../demo/sound";
import { Button, Pick } from "../kit";
import { en } from "../messages";
import { chooseDevices, chosenDevices, constraints, type Devices } from "./state";

const DEFAULT = "default";

/** Chooses microphone and loudspeaker, and tries them. */
export function DeviceTest() {
  const [devices, setDevices] = useState(chosenDevices);
  const [isTried, setTried] = useState(false);
  const known = useKnown(isTried);
  const choose = (change: Partial<Devices>) => {
    const next = { ...devices, ...change };
    chooseDevices(next);
    setDevices(next);
  };
  const pick = (kind: MediaDeviceKind, label: string, name: keyof Devices) => (
    <Pick
      label={label}
      options={optionsOf(known, kind)}
      value={devices[name] || DEFAULT}
      onChange={(id) => choose({ [name]: id === DEFAULT ? "" : id })}
    />
  );
  return (
    <section aria-label={en.browserPhone.devices} className="device-test">
      {pick("audioinput", en.browserPhone.microphone, "microphone")}
      {pick("audiooutput", en.browserPhone.speaker, "speaker")}
      <div className="row">
        <Button isPressed={isTried} onPress={() => setTried(!isTried)}>
          {isTried ? en.browserPhone.stopTest : en.browserPhone.testMicrophone}
        </Button>
        <Button onPress={() => void chime(devices.speaker)}>{en.browserPhone.testSpeaker}</Button>
      </div>
      {isTried ? <Level microphone={devices.microphone} /> : null}
    </section>
  );
}

/** What is plugged in; named once the microphone was allowed. */
function useKnown(isTried: boolean): MediaDeviceInfo[] {
  const [known, setKnown] = useState<MediaDeviceInfo[]>([]);
  useEffect(() => {
    const { mediaDevices } = navigator;
    if (!mediaDevices) return undefined;
    const look = () => void mediaDevices.enumerateDevices().then(setKnown);
    look();
    mediaDevices.addEventListener("devicechange", look);
    return () => mediaDevices.removeEventListener("devicechange", look);
  }, [isTried]);
  return known;
}

function optionsOf(known: MediaDeviceInfo[], kind: MediaDeviceKind) {
  const named = known.filter((it) => it.kind === kind && it.deviceId && it.deviceId !== DEFAULT);
  const options = named.map(({ deviceId, label }) => ({ id: deviceId, title: label || kind }));
  return [{ id: DEFAULT, title: en.browserPhone.systemDevice }, ...options];
}

/** How loud the microphone is now. */
function Level({ microphone }: { microphone: string }) {
  const [level, setLevel] = useState(0);
  const [problem, setProblem] = useState("");
  useEffect(() => {
    const end = new AbortController();
    listen(microphone, setLevel, end.signal).catch(() => setProblem(en.browserPhone.noMicrophone));
    return () => end.abort();
  }, [microphone]);
  if (problem) return <p className="problem">{problem}</p>;
  return (
    <p>
      <label>
        {en.browserPhone.level} <meter min={0} max={0.3} value={level} />
      </label>
    </p>
  );
}

async function listen(
  microphone: string,
  onLevel: (level: number) => void,
  signal: AbortSignal,
): Promise<void> {
  if (!navigator.mediaDevices) throw new Error(en.browserPhone.insecure);
  const audio = constraints(microphone);
  const stream = await navigator.mediaDevices.getUserMedia({ audio });
  const context = new AudioContext();
  const analyser = new AnalyserNode(context, { fftSize: 1024 });
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = window.setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    onLevel(loudness(samples));
  }, 100);
  const close = () => {
    window.clearInterval(timer);
    for (const track of stream.getTracks()) track.stop();
    void context.close();
  };
  if (signal.aborted) close();
  else signal.addEventListener("abort", close, { once: true });
}

/** Three tones from the loudspeaker that was chosen. */
async function chime(speaker: string): Promise<void> {
  const context = new AudioContext();
  const out = context as AudioContext & { setSinkId?: (id: string) => Promise<void> };
  if (speaker) await out.setSinkId?.(speaker).catch(() => undefined);
  const volume = new GainNode(context, { gain: 0.2 });
  volume.connect(context.destination);
  [523, 659, 784].forEach((frequency, index) => {
    const tone = new OscillatorNode(context, { frequency });
    const start = context.currentTime + index * 0.25;
    tone.connect(volume);
    tone.start(start);
    tone.stop(start + 0.2);
    if (index === 2) tone.onended = () => void context.close();
  });
}
