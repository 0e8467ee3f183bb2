import { timestampMs } from "@bufbuild/protobuf/wkt";
import { desk, renew } from "../app/api";
import type { WatchFloorResponse as Floor } from "../gen/caruso/contact/v1/supervision_pb";
import type { Reason, WatchFloorResponse } from "../gen/caruso/desk/v1/desk_pb";
import { serverClock } from "../live/clock";
import { follow, type Link } from "../live/follow";
import { createStore } from "../live/store";

interface Feed {
  floor: Floor | undefined;
  reasons: Reason[];
  /** What is shown is old: the communication server does not answer. */
  isStale: boolean;
  link: Link;
}

/** The floor as the page shows it. */
export const floorFeed = createStore<Feed>({
  floor: undefined,
  reasons: [],
  isStale: false,
  link: "connecting",
});

/** Follows the floor until the function that it returns is called. */
export function followFloor(): () => void {
  return follow<WatchFloorResponse>({
    open: (signal) => desk.watchFloor({}, { signal }),
    renew,
    onLink: (link) => floorFeed.update((current) => ({ ...current, link })),
    onMessage: ({ floor, notReadyReasons: reasons }) => {
      if (floor?.at) serverClock.observe(timestampMs(floor.at), Date.now());
      floorFeed.update((current) => ({
        ...current,
        floor: floor ?? current.floor,
        reasons,
        isStale: !floor,
      }));
    },
  });
}
