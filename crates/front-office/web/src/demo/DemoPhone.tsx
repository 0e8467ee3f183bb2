import { useEffect } from "react";
import { deskFeed } from "../desk/feed";
import { Button } from "../kit";
import { useStore } from "../live/store";
import { en } from "../messages";
import { phoneLine } from "./line";
import { Keypad, LineStatus, VoicePick } from "./LineParts";

const REMEMBERED = "caruso.demo-phone";

/** A telephone at the agent's extension. */
export function DemoPhone({ extension }: { extension: string }) {
  const state = useStore(phoneLine.state);
  const { phase } = state;
  const isOn = phase === "idle" || phase === "ringing" || phase === "talking";
  const toggle = () => {
    if (isOn) disconnect();
    else connect();
  };
  return (
    <section className="telephone" aria-label={en.demo.phone(extension)}>
      <div className="headline">
        <h3>{en.demo.phone(extension)}</h3>
        <LineStatus state={state} />
      </div>
      <div className="row">
        {phase === "ringing" ? (
          <Button look="primary" onPress={() => phoneLine.send({ type: "answer" })}>
            {en.demo.answer}
          </Button>
        ) : null}
        {phase === "ringing" || phase === "talking" ? (
          <Button look="danger" onPress={() => phoneLine.send({ type: "hang-up" })}>
            {en.demo.hangUp}
          </Button>
        ) : (
          <Button onPress={toggle} isPending={phase === "connecting"}>
            {isOn ? en.demo.unregister : en.demo.register}
          </Button>
        )}
      </div>
      {phase === "talking" ? (
        <Keypad onPress={(key) => phoneLine.send({ type: "key", key })} />
      ) : null}
      {isOn ? <VoicePick line={phoneLine} state={state} /> : null}
    </section>
  );
}

function connect(): void {
  window.sessionStorage.setItem(REMEMBERED, "on");
  phoneLine.open({ type: "register" });
}

function disconnect(): void {
  window.sessionStorage.removeItem(REMEMBERED);
  phoneLine.close();
}

/** A phone that was connected connects again after a reload, and when the connection is back. */
export function usePhoneReconnection(): void {
  const { link } = useStore(deskFeed);
  useEffect(() => {
    const isRemembered = window.sessionStorage.getItem(REMEMBERED) === "on";
    const { phase } = phoneLine.state.read();
    const isOff = phase === "off" || phase === "ended";
    if (link === "live" && isRemembered && isOff) connect();
  }, [link]);
}
