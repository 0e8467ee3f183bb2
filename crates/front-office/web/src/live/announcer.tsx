import { createStore, useStore } from "./store";

interface Spoken {
  text: string;
  /** Tells two equal texts apart, so that a repeat is spoken too. */
  count: number;
}

const urgent = createStore<Spoken>({ text: "", count: 0 });
const calm = createStore<Spoken>({ text: "", count: 0 });

/** Says something to a screen reader: at once for what cannot wait, else when it is quiet. */
export function announce(text: string, how: "urgent" | "calm" = "calm"): void {
  const store = how === "urgent" ? urgent : calm;
  store.update(({ count }) => ({ text, count: count + 1 }));
}

/** The two live regions; one of each on the page. */
export function Announcer() {
  const now = useStore(urgent);
  const later = useStore(calm);
  return (
    <>
      <div className="unseen" role="alert" aria-live="assertive">
        <span key={now.count}>{now.text}</span>
      </div>
      <div className="unseen" role="status" aria-live="polite">
        <span key={later.count}>{later.text}</span>
      </div>
    </>
  );
}
