import { timestampMs } from "@bufbuild/protobuf/wkt";
import { useEffect } from "react";
import { desk, renew } from "../app/api";
import { forgetDrafts } from "../app/drafts";
import type { WatchDeskResponse } from "../gen/caruso/desk/v1/desk_pb";
import { announce } from "../live/announcer";
import { serverClock } from "../live/clock";
import { follow, type Link } from "../live/follow";
import { createStore } from "../live/store";
import { en } from "../messages";
import { announcementOf } from "./situation";

/** The agent's desk as last heard, and how fresh it is. */
export interface DeskFeed {
  desk: WatchDeskResponse | undefined;
  link: Link;
}

export const deskFeed = createStore<DeskFeed>({ desk: undefined, link: "connecting" });

/** Keeps the desk's stream open while the agent is logged in, whichever page is shown. */
export function useDeskFeed(isAgent: boolean): void {
  useEffect(() => {
    if (!isAgent) return undefined;
    let latest: WatchDeskResponse | undefined;
    let link: Link = "connecting";
    const stop = follow<WatchDeskResponse>({
      open: (signal) => desk.watchDesk({}, { signal }),
      renew,
      onLink: (next) => {
        if (next === link) return;
        if (next === "lost") announce(en.link.lostSpoken, "urgent");
        else if (link === "lost") announce(en.link.backSpoken);
        link = next;
        deskFeed.update((feed) => ({ ...feed, link: next }));
      },
      onMessage: (message) => {
        if (message.at) serverClock.observe(timestampMs(message.at), Date.now());
        if (message.isUnchanged) return;
        const spoken = announcementOf(latest, message);
        if (spoken) announce(spoken.text, spoken.how);
        forgetEnded(latest, message);
        latest = withLastStatus(latest, message);
        deskFeed.update((feed) => ({ ...feed, desk: latest }));
      },
    });
    return () => {
      stop();
      deskFeed.write({ desk: undefined, link: "connecting" });
    };
  }, [isAgent]);
}

/** What was typed for a contact goes with it. */
function forgetEnded(before: WatchDeskResponse | undefined, after: WatchDeskResponse): void {
  const ended = before?.status?.contact?.contactId;
  if (!ended || !after.status || ended === after.status.contact?.contactId) return;
  forgetDrafts(ended);
  if (before.script) forgetDrafts(before.script.sessionId);
}

/** A desk whose status cannot be had now stays as it was last, marked as late. */
function withLastStatus(
  before: WatchDeskResponse | undefined,
  after: WatchDeskResponse,
): WatchDeskResponse {
  if (after.status || !before?.status) return after;
  return { ...before, late: after.late };
}
