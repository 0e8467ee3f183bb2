/** Longer than this, a text gets the whole width. */
const LONG = 26;

/** Labels with their texts, side by side where they fit. */
export function Facts({ facts }: { facts: Array<[label: string, text: string]> }) {
  return (
    <dl className="facts">
      {facts.map(([label, text]) => (
        <div key={label} className={text.length > LONG ? "long" : ""}>
          <dt>{label}</dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  );
}
