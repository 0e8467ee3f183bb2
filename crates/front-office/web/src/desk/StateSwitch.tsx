import { useState } from "react";
import { desk as client } from "../app/api";
import { useCommand } from "../app/command";
import { secondOf } from "../app/format";
import { useShortcut } from "../app/shortcuts";
import type { WatchDeskResponse } from "../gen/caruso/desk/v1/desk_pb";
import { Mark, Menu } from "../kit";
import { en } from "../messages";
import { nextText, situationOf, stateText, toneOf } from "./situation";
import { Elapsed } from "./Timer";

const READY = "ready:";

/** The agent's state, with its time; opens to change it. In the bar on every page. */
export function StateSwitch({ desk }: { desk: WatchDeskResponse }) {
  const [isOpen, setOpen] = useState(false);
  const command = useCommand();
  const { status } = desk;
  const isBusy = situationOf(status) !== "idle";
  const set = (isReady: boolean, reason: string) =>
    void command.run(() => client.setState({ isReady, reason }, { timeoutMs: 3_000 }));

  useShortcut("Alt+R", en.state.setReady, () => set(true, ""));
  useShortcut("Alt+N", en.state.setNotReady, () => setOpen(true));

  const entries = [
    { id: READY, title: en.state.ready, keys: "Alt+R", mark: <Mark tone="good" /> },
    ...desk.notReadyReasons.map(({ id, title }) => ({ id, title, mark: <Mark tone="off" /> })),
  ];
  const next = nextText(desk);
  return (
    <div className={`state-switch ${toneOf(status?.state)}`}>
      {command.problem ? <span className="problem">{command.problem}</span> : null}
      <Menu
        label={en.state.menu}
        heading={isBusy ? en.state.chooseAfter : en.state.menu}
        entries={entries}
        keys="Alt+N"
        isOpen={isOpen}
        onOpenChange={setOpen}
        onChoose={(id) => set(id === READY, id === READY ? "" : id)}
      >
        <Mark tone={toneOf(status?.state)} />
        <span className="names">
          <strong>{stateText(desk)}</strong>
          {next ? <small>{next}</small> : null}
          {status?.imposed ? <small>{en.floor.setBy(status.imposed.supervisor)}</small> : null}
        </span>
        <span aria-hidden="true">
          <Elapsed since={secondOf(status?.since)} />
        </span>
      </Menu>
    </div>
  );
}
