import { useState } from "react";
import { useShortcut } from "../app/shortcuts";
import { Button, Mark, type Tone } from "../kit";
import { useStore } from "../live/store";
import { en } from "../messages";
import { phone, usePhone } from "./phone";
import { PhoneDialog } from "./PhoneDialog";
import { type Phase, phoneState } from "./state";

const TONES: Record<Phase, Tone> = {
  off: "off",
  connecting: "off",
  ready: "good",
  ringing: "call",
  talking: "busy",
};

/** The phone in the browser, in the bar on every page. */
export function PhoneSwitch({ extension }: { extension: string }) {
  const state = useStore(phoneState);
  const [isOpen, setOpen] = useState(false);
  usePhone(extension);
  useShortcut("Alt+L", en.browserPhone.open, () => setOpen(true));
  const isTalking = state.phase === "talking";
  const toggle = () => phone.mute(!state.isMuted);
  useShortcut("Alt+M", en.browserPhone.mute, toggle, isTalking);
  const said = state.problem ? en.browserPhone.trouble : en.browserPhone.phases[state.phase];
  return (
    <>
      {isTalking ? (
        <Button
          look={state.isMuted ? "danger" : "plain"}
          keys="Alt+M"
          isPressed={state.isMuted}
          onPress={toggle}
        >
          {state.isMuted ? en.browserPhone.muted : en.browserPhone.mute}
        </Button>
      ) : null}
      <Button look="quiet" keys="Alt+L" onPress={() => setOpen(true)}>
        <Mark tone={state.problem ? "bad" : TONES[state.phase]} />
        {en.browserPhone.title}: {said}
      </Button>
      <PhoneDialog extension={extension} isOpen={isOpen} onClose={() => setOpen(false)} />
    </>
  );
}
