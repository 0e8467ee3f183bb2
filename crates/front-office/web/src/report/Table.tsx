import type { ReportRow, ReportTable } from "../gen/caruso/monitor/v1/monitor_pb";
import { en } from "../messages";
import { nameOf, type Shown } from "./query";

interface Properties {
  table: ReportTable;
  onBehind: (shown: Shown) => void;
}

export function Table({ table, onBehind }: Properties) {
  const hasInterval = table.interval !== "none";
  const names = table.by.length + (hasInterval ? 1 : 0);
  return (
    <div className="scroll">
      <table>
        <thead>
          <tr>
            {hasInterval ? <th scope="col">{en.report.begins}</th> : null}
            {table.by.map((each) => (
              <th key={each} scope="col">
                {en.report.byTitle(each)}
              </th>
            ))}
            {table.columns.map(({ id, title, definition }) => (
              <th key={id} scope="col" className="figure" title={definition}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row) => (
            <tr key={`${row.interval} ${row.groups.map(({ id }) => id).join(" ")}`}>
              {hasInterval ? <th scope="row">{row.label}</th> : null}
              {row.groups.map(({ title }, index) => (
                <th key={table.by[index]} scope="row">
                  {title}
                </th>
              ))}
              <Cells table={table} row={row} onBehind={onBehind} />
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            {names > 0 ? (
              <th scope="row" colSpan={names}>
                {en.report.total}
              </th>
            ) : null}
            {table.total ? <Cells table={table} row={undefined} onBehind={onBehind} /> : null}
          </tr>
        </tfoot>
      </table>
    </div>
  );
}

/** The figures of a row; of the total where there is none. */
function Cells({ table, row, onBehind }: Properties & { row: ReportRow | undefined }) {
  const shown = row ?? table.total;
  return table.columns.map((column, index) => {
    const value = shown?.values[index];
    const before = shown?.compared[index];
    const canBeAsked = column.hasContacts && value?.number !== undefined && value.number > 0n;
    return (
      <td key={column.id} className="figure">
        {canBeAsked ? (
          <button
            type="button"
            className="behind"
            aria-label={en.report.behindOf(value.text, column.title, nameOf(row))}
            onClick={() => onBehind({ column, row })}
          >
            {value.text}
          </button>
        ) : (
          value?.text
        )}
        {before ? <small className="before">{en.report.before(before.text)}</small> : null}
      </td>
    );
  });
}
