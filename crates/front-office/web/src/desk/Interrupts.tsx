import { useRef, useState } from "react";
import { desk as client } from "../app/api";
import { useCommand } from "../app/command";
import { useShortcut } from "../app/shortcuts";
import type { View } from "../gen/caruso/script/v1/script_engine_pb";
import { Menu } from "../kit";
import { en } from "../messages";
import { randomId } from "./answer";

/** Opens the menu. */
const KEYS = "Alt+I";

interface Properties {
  view: View;
  onView: (view: View) => void;
}

/** What may come at any time, and leaves the script where it stands. */
export function Interrupts({ view, onView }: Properties) {
  const { run, isPending, problem } = useCommand();
  const [isOpen, setOpen] = useState(false);
  const sent = useRef({ what: "", requestId: "" });
  const { sessionId, sequence, interrupts } = view;
  useShortcut(KEYS, en.script.interrupt, () => setOpen(true), interrupts.length > 0 && !isPending);
  const begin = (interrupt: string) => {
    const what = `${sessionId} ${sequence} ${interrupt}`;
    if (sent.current.what !== what) sent.current = { what, requestId: randomId() };
    const { requestId } = sent.current;
    const request = { requestId, sessionId, sequence, interrupt };
    void run(async () => {
      const response = await client.interrupt(request, { timeoutMs: 5_000 });
      if (response.view) onView(response.view);
    });
  };
  if (interrupts.length === 0 && !problem) return null;
  return (
    <div className="interrupts">
      <Menu
        label={en.script.interruptHint}
        entries={interrupts.map(({ id, title }) => ({ id, title }))}
        onChoose={begin}
        isOpen={isOpen}
        onOpenChange={setOpen}
        isDisabled={isPending || interrupts.length === 0}
        keys={KEYS}
      >
        {en.script.interrupt} <kbd className="keys">{KEYS}</kbd>
      </Menu>
      {problem ? <p className="problem">{problem}</p> : null}
    </div>
  );
}
