import { useEffect } from "react";
import { timeText } from "../app/format";
import type { User } from "../gen/caruso/identity/v1/identity_pb";
import { Mark, Notice } from "../kit";
import { useStore } from "../live/store";
import { en } from "../messages";
import { Agents } from "./Agents";
import { Contacts } from "./Contacts";
import { floorFeed, followFloor } from "./feed";

/** What a supervisor watches over, with what they can do about it. */
export function FloorPage({ user }: { user: User }) {
  useEffect(followFloor, []);
  const { floor, reasons, isStale, link } = useStore(floorFeed);
  if (!floor) {
    return <p className="loading">{isStale ? en.floor.unreachable : en.loading}</p>;
  }
  const isLive = link === "live" && !isStale;
  return (
    <div className={isLive ? "page status" : "page status stale"}>
      <header className="headline">
        <h1>{en.floor.title}</h1>
        {isLive ? (
          <span className="fresh">
            <Mark tone="good" /> {en.link.live}
          </span>
        ) : null}
      </header>
      {isLive ? null : <Notice tone="bad" title={en.status.stale(timeText(floor.at))} />}
      <section className="pane card" aria-label={en.floor.contacts}>
        <Contacts floor={floor} />
      </section>
      <section className="pane card" aria-label={en.floor.agents}>
        <Agents agents={floor.agents} reasons={reasons} user={user} />
      </section>
    </div>
  );
}
