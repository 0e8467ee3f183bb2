/** What a colour says; each has a shape of its own, so that colour is never alone. */
export type Tone = "good" | "busy" | "call" | "work" | "off" | "bad";

const SHAPES: Record<Tone, string> = {
  good: "M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11Z",
  busy: "M3 3h10v10H3Z",
  call: "M2.8 12.8V3.2L13.6 8Z",
  work: "M8 1.8 14.2 8 8 14.2 1.8 8Z",
  off: "M8 3.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9Zm0 1.8a2.7 2.7 0 1 0 0 5.4 2.7 2.7 0 0 0 0-5.4Z",
  bad: "M8 2 14.6 13.5H1.4Z",
};

export function Mark({ tone }: { tone: Tone }) {
  return (
    <svg className={`mark ${tone}`} viewBox="0 0 16 16" aria-hidden="true">
      <path d={SHAPES[tone]} />
    </svg>
  );
}
