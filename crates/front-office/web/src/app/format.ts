import type { Duration, Timestamp } from "@bufbuild/protobuf/wkt";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import type { Attribute, Object$, Value } from "../gen/caruso/storage/v1/storage_manager_pb";
import { en } from "../messages";

/** Seconds as 0:07, 12:34 or 1:02:03; never negative. */
export function clockText(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const pad = (part: number) => String(part).padStart(2, "0");
  const minutes = Math.floor(whole / 60) % 60;
  const hours = Math.floor(whole / 3600);
  const rest = pad(whole % 60);
  return hours > 0 ? `${hours}:${pad(minutes)}:${rest}` : `${minutes}:${rest}`;
}

/** Whole seconds since 1970; undefined stays undefined. */
export function secondOf(instant: Timestamp | undefined): number | undefined {
  return instant && Math.floor(timestampMs(instant) / 1000);
}

export function durationSeconds(duration: Duration | undefined): number | undefined {
  return duration && Number(duration.seconds) + duration.nanos / 1e9;
}

const times = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });
const dates = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeZone: "UTC" });
const instants = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

export function timeText(instant: Timestamp | undefined): string {
  return instant ? times.format(timestampMs(instant)) : "";
}

export function instantText(instant: Timestamp | undefined): string {
  return instant ? instants.format(timestampMs(instant)) : "";
}

/** A calendar date, YYYY-MM-DD, in words; as it is where it is none. */
export function dateText(date: string): string {
  const instant = Date.parse(`${date}T00:00:00Z`);
  return Number.isNaN(instant) ? date : dates.format(instant);
}

/**
 * An amount with its currency, 12.50 EUR, as people write it, with all its decimals; as it is where
 * it is none.
 */
export function moneyText(money: string): string {
  const [amount = "", currency = "", ...rest] = money.split(" ");
  if (!/^-?\d+(\.\d+)?$/.test(amount) || !/^[A-Z]{3}$/.test(currency) || rest.length > 0) {
    return money;
  }
  const minimumFractionDigits = Math.min(amount.split(".")[1]?.length ?? 0, 20);
  const format = new Intl.NumberFormat("en-GB", {
    style: "currency",
    currency,
    minimumFractionDigits,
    maximumFractionDigits: 20,
  });
  // digits as they are: a number of the browser would be rounded
  return format.format(amount as unknown as number);
}

/** Hundredths of a per cent as 97.5%. */
export function shareText(basisPoints: number | undefined): string {
  if (basisPoints === undefined) return "";
  return `${(basisPoints / 100).toFixed(1)}%`;
}

/** The title of an id; the id itself where the application has none. */
export function titleOf(titles: Record<string, string>, id: string): string {
  return titles[id] || id;
}

/** A name of a program as words: `no-such_thing` as "No such thing". */
export function wordsOf(name: string): string {
  const words = name.replaceAll(/[-_]+/g, " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** An attribute's value for the eye; empty for null. */
export function valueText(attribute: Attribute | undefined, value: Value | undefined): string {
  if (!value) return "";
  const { kind } = value;
  switch (kind.case) {
    case "boolean":
      return kind.value ? en.yes : en.no;
    case "integer":
      return kind.value.toString();
    case "money":
      return moneyText(kind.value);
    case "date":
      return dateText(kind.value);
    case "instant":
      return instantText(kind.value);
    case "choice": {
      const choice = attribute?.values.find(({ name }) => name === kind.value);
      return choice?.label || kind.value;
    }
    case undefined:
      return "";
    default:
      return kind.value;
  }
}

/** A labelled value. */
export type Field = [label: string, text: string];

function fieldOf(attribute: Attribute, object: Object$): Field {
  const text = valueText(attribute, object.attributes[attribute.name]);
  return [attribute.label || attribute.name, text];
}

/** What an object shows: label and text of each attribute that has a value, in display order. */
export function fieldsOf(attributes: Attribute[], object: Object$): Field[] {
  return attributes
    .filter(({ type }) => type !== "reference")
    .map((attribute) => fieldOf(attribute, object))
    .filter(([, text]) => text !== "");
}

/** A text this long and without a space was made by a program, for programs. */
const CODE = /^(?=.*\d)[\w:-]{16,}$/;

/**
 * What tells an object from others of its class, in one line: numbers that a program gave out are
 * left out, codes come last, and what says something by itself comes first. Whether something is
 * so or not says nothing without its label, so that is left out as well.
 */
export function summaryOf(attributes: Attribute[], object: Object$): Field[] {
  const isGivenOut = ({ name, type }: Attribute) =>
    type === "int" && valueText(undefined, object.attributes[name]) === object.key;
  const telling = attributes.filter(
    (attribute) => !["reference", "bool"].includes(attribute.type) && !isGivenOut(attribute),
  );
  const start = telling.find(
    (attribute) =>
      ["text", "choice"].includes(attribute.type) && !isCode(fieldOf(attribute, object)[1]),
  );
  const rest = telling.filter((attribute) => attribute !== start);
  const fields = [...(start ? [start] : []), ...rest]
    .map((attribute) => fieldOf(attribute, object))
    .filter(([, text]) => text !== "");
  const codes = fields.filter(([, text]) => isCode(text));
  return [...fields.filter(([, text]) => !isCode(text)), ...codes];
}

/** Also true for no text at all, which says as little. */
function isCode(text: string): boolean {
  return text === "" || CODE.test(text);
}
