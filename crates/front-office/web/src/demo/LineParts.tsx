import { Button, ChoiceGroup, Mark, type Tone } from "../kit";
import { en } from "../messages";
import type { Line, LineState, Phase } from "./line";
import type { Voice } from "./sound";

const TONES: Record<Phase, Tone> = {
  off: "off",
  connecting: "off",
  idle: "good",
  ringing: "call",
  talking: "busy",
  ended: "off",
};

/** Where the line stands, and how loud it is. */
export function LineStatus({ state }: { state: LineState }) {
  const { phase, cause, level, problem } = state;
  return (
    <span className="line-status">
      <Mark tone={TONES[phase]} />
      <span>{problem || cause || en.demo.phases[phase]}</span>
      {phase === "talking" ? (
        <meter aria-label={en.demo.level} min={0} max={0.3} value={level} />
      ) : null}
    </span>
  );
}

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];

/** Twelve keys; while one of them has the focus, the same keys of the keyboard work too. */
export function Keypad({ onPress: press }: { onPress: (key: string) => void }) {
  return (
    <div
      className="keypad"
      role="group"
      aria-label={en.demo.keypad}
      onKeyDownCapture={(event) => {
        if (!KEYS.includes(event.key) || event.ctrlKey || event.altKey) return;
        event.preventDefault();
        event.stopPropagation();
        press(event.key);
      }}
    >
      {KEYS.map((key) => (
        <Button key={key} label={en.demo.keyOf(key)} onPress={() => press(key)}>
          {key}
        </Button>
      ))}
    </div>
  );
}

const VOICES: Array<{ id: Voice; title: string }> = [
  { id: "sample", title: en.demo.sample },
  { id: "microphone", title: en.demo.microphone },
  { id: "silence", title: en.demo.silence },
];

/** With what voice the telephone speaks. */
export function VoicePick({ line, state }: { line: Line; state: LineState }) {
  return (
    <ChoiceGroup
      label={en.demo.source}
      isLabelHidden
      look="segments"
      options={VOICES}
      value={state.voice}
      onChange={(voice) => line.speak(voice as Voice)}
    />
  );
}
