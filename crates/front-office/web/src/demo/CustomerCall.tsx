import { useState } from "react";
import { Button, Pick } from "../kit";
import { useStore } from "../live/store";
import { en } from "../messages";
import { customerLine } from "./line";
import { Keypad, LineStatus, VoicePick } from "./LineParts";

/** Numbers to call from, as the demo data knows them: once, twice, not at all; and none. */
const CALLERS = [
  { id: "0612345678", title: `${en.demo.known}: 0612345678` },
  { id: "0655512345", title: `${en.demo.shared}: 0655512345` },
  { id: "0687654321", title: `${en.demo.unknown}: 0687654321` },
  { id: "anonymous", title: en.demo.withheld },
];

/** A simulated customer with sound and keys. */
export function CustomerCall({ numbers: all }: { numbers: string[] }) {
  // The shortest is the one that people here would dial.
  const numbers = all.toSorted((one, other) => one.length - other.length);
  const state = useStore(customerLine.state);
  const [called, setCalled] = useState(numbers[0] ?? "");
  const [calling, setCalling] = useState(CALLERS[0]?.id ?? "");
  const { phase } = state;
  const isCalling = phase === "connecting" || phase === "ringing" || phase === "talking";
  return (
    <section className="telephone" aria-label={en.demo.customer}>
      <div className="headline">
        <h3>{en.demo.customer}</h3>
        <LineStatus state={state} />
      </div>
      {isCalling ? (
        <>
          <Keypad onPress={(key) => customerLine.send({ type: "key", key })} />
          <VoicePick line={customerLine} state={state} />
        </>
      ) : (
        <>
          <Pick
            label={en.demo.called}
            options={numbers.map((number) => ({ id: number, title: number }))}
            value={called}
            onChange={setCalled}
          />
          <Pick label={en.demo.calling} options={CALLERS} value={calling} onChange={setCalling} />
        </>
      )}
      <div className="row">
        {isCalling ? (
          <Button look="danger" onPress={() => customerLine.send({ type: "hang-up" })}>
            {en.demo.hangUp}
          </Button>
        ) : (
          <Button
            look="primary"
            isDisabled={called === ""}
            onPress={() => customerLine.open({ type: "place", called, calling })}
          >
            {en.demo.place}
          </Button>
        )}
      </div>
    </section>
  );
}
