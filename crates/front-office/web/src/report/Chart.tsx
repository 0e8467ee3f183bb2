import { useEffect, useRef, useState } from "react";
import type { ReportTable } from "../gen/caruso/monitor/v1/monitor_pb";
import { en } from "../messages";
import { axisText, type Drawing, drawingOf, scaleOf } from "./scale";

const HEIGHT = 210;
const LEFT = 56;
const BOTTOM = 24;
const TOP = 8;
/** A name needs so much room. */
const NAME_WIDTH = 84;

/** The drawn columns of a report. The table below says the same, so that this is one picture. */
export function Chart({ table }: { table: ReportTable }) {
  const frame = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  const drawing = drawingOf(table);
  const isDrawn = drawing !== undefined;
  useEffect(() => {
    if (!isDrawn || !frame.current) return undefined;
    const observer = new ResizeObserver(([entry]) => setWidth(entry?.contentRect.width ?? 0));
    observer.observe(frame.current);
    return () => observer.disconnect();
  }, [isDrawn]);
  if (!drawing) return null;
  const titles = drawing.series.map(({ title }) => title);
  return (
    <figure className="pane card chart">
      <div ref={frame} role="img" aria-label={en.report.chart(titles.join(", "))}>
        {width > 0 ? <Picture drawing={drawing} width={width} /> : null}
      </div>
      <figcaption>
        {drawing.series.map(({ id, title }, index) => (
          <span key={id}>
            <i className={`swatch series-${index}`} aria-hidden="true" />
            {title}
          </span>
        ))}
      </figcaption>
    </figure>
  );
}

interface Geometry {
  drawing: Drawing;
  /** The left edge of a row's share of the width. */
  x: (row: number) => number;
  /** How wide that is. */
  share: number;
  y: (value: number) => number;
}

function Picture({ drawing, width }: { drawing: Drawing; width: number }) {
  const { top, step } = scaleOf(drawing);
  const share = (width - LEFT) / drawing.names.length;
  const inner = HEIGHT - TOP - BOTTOM;
  const y = (value: number) => TOP + inner - (value / top) * inner;
  const x = (row: number) => LEFT + row * share;
  const lines = Array.from({ length: Math.round(top / step) + 1 }, (_, index) => index * step);
  const every = Math.max(1, Math.ceil(NAME_WIDTH / share));
  const most = Math.max(4, Math.floor((share * every) / 7));
  const geometry = { drawing, x, share, y };
  return (
    <svg width={width} height={HEIGHT} viewBox={`0 0 ${width} ${HEIGHT}`} aria-hidden="true">
      {lines.map((value) => (
        <g key={value}>
          <line className="rule" x1={LEFT} x2={width} y1={y(value)} y2={y(value)} />
          <text className="scale" x={LEFT - 8} y={y(value) + 4} textAnchor="end">
            {axisText(value, drawing.unit)}
          </text>
        </g>
      ))}
      {drawing.look === "lines" ? <Lines {...geometry} /> : <Bars {...geometry} />}
      {drawing.names.map((name, row) =>
        row % every === 0 ? (
          <text
            key={`${row} ${name}`}
            className="scale"
            x={x(row) + share / 2}
            y={HEIGHT - 6}
            textAnchor="middle"
          >
            {name.length > most ? `${name.slice(0, most - 1)}…` : name}
          </text>
        ) : null,
      )}
    </svg>
  );
}

function Bars({ drawing, x, share, y }: Geometry) {
  const { series, look, names } = drawing;
  const room = Math.min(share * 0.7, look === "stacked" ? 56 : 28 * series.length);
  const each = look === "stacked" ? room : room / series.length;
  return names.map((name, row) => {
    let below = 0;
    return (
      <g key={`${row} ${name}`}>
        {series.map(({ id, title, values }, index) => {
          const value = values[row] ?? 0;
          const from = look === "stacked" ? below : 0;
          below += value;
          const left = x(row) + (share - room) / 2 + (look === "stacked" ? 0 : index * each);
          return (
            <rect
              key={id}
              className={`series-${index}`}
              x={left}
              width={Math.max(1, each - 1)}
              y={y(from + value)}
              height={Math.max(0, y(from) - y(from + value))}
            >
              <title>{`${name}: ${title} ${axisText(value, drawing.unit)}`}</title>
            </rect>
          );
        })}
      </g>
    );
  });
}

/** A line stops where there is nothing to compute. */
function Lines({ drawing, x, share, y }: Geometry) {
  return drawing.series.map(({ id, values }, index) => {
    const points = values.map((value, row) =>
      value === undefined ? undefined : ([x(row) + share / 2, y(value)] as const),
    );
    const path = points
      .map((point, row) => point && `${points[row - 1] ? "L" : "M"}${point[0]} ${point[1]}`)
      .filter((part) => part !== undefined)
      .join(" ");
    return (
      <g key={id} className={`series-${index}`}>
        <path className="line" d={path} />
        {points.map((point, row) =>
          point ? <Mark key={row} index={index} at={point} /> : null,
        )}
      </g>
    );
  });
}

/** Each line has a mark of its own: colours alone are not told apart by everybody. */
function Mark({ index, at: [x, y] }: { index: number; at: readonly [number, number] }) {
  switch (index) {
    case 0:
      return <circle cx={x} cy={y} r="3.5" />;
    case 1:
      return <rect x={x - 3.5} y={y - 3.5} width="7" height="7" />;
    case 2:
      return <path d={`M${x} ${y - 5}L${x + 4.5} ${y + 3.5}L${x - 4.5} ${y + 3.5}Z`} />;
    default:
      return <path d={`M${x} ${y - 5}L${x + 5} ${y}L${x} ${y + 5}L${x - 5} ${y}Z`} />;
  }
}
