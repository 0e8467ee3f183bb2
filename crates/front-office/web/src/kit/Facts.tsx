/** Longer than this, a text gets the whole width. */
const LONG = 26;

/** Labels with their texts, side by side where they fit. */
export function Facts({ facts }: { facts: Array<[label: string, text: string]> }) {
  return (
    <dl className="facts">
      {facts.map(([label, text], place) => (
        // one label may come twice
        <div key={place} className={text.length > LONG ? "long" : ""}>
          <dt>{label}</dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  );
}
