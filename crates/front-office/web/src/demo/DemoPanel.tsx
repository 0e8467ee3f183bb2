import { useState } from "react";
import type { WatchDeskResponse } from "../gen/caruso/desk/v1/desk_pb";
import { Button } from "../kit";
import { en } from "../messages";
import { CustomerCall } from "./CustomerCall";
import { DemoPhone, usePhoneReconnection } from "./DemoPhone";

interface Properties {
  desk: WatchDeskResponse;
  /** Extension of the agent; empty for none. */
  extension: string;
}

/** Telephones in the page, so that everything can be tried in a browser alone. */
export function DemoPanel({ desk, extension }: Properties) {
  const [isShown, setShown] = useState(true);
  usePhoneReconnection();
  return (
    <div className="card demo">
      <div className="headline">
        <h2>{en.demo.title}</h2>
        <span className="space" />
        <Button look="quiet" size="small" onPress={() => setShown(!isShown)}>
          {isShown ? en.demo.hide : en.demo.show}
        </Button>
      </div>
      {isShown ? (
        <>
          {extension ? <DemoPhone extension={extension} /> : null}
          <CustomerCall numbers={desk.demoNumbers} />
        </>
      ) : null}
    </div>
  );
}
