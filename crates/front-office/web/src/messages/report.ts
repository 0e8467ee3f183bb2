/** The page of reports, in words. */
export const report = {
  title: "Reports",
  which: "Report",
  first: "From",
  last: "To",
  previous: "Days before",
  next: "Days after",
  own: "Now",
  interval: "Rows",
  begins: "Interval",
  intervals: {
    none: "Whole period",
    "15m": "15 minutes",
    "30m": "30 minutes",
    "1h": "Hours",
    day: "Days",
    week: "Weeks",
  } as Record<string, string>,
  by: "By",
  byTitle: (by: string) => {
    const titles: Record<string, string> = {
      none: "Nothing",
      queue: "Queue",
      agent: "Agent",
      team: "Team",
      channel: "Channel",
    };
    return by
      .split(" ")
      .map((each) => titles[each] ?? each)
      .join(" and ");
  },
  compare: "Beside",
  compares: {
    none: "Nothing",
    previous: "Days before",
    week: "A week before",
  } as Record<string, string>,
  queue: "Queue",
  agent: "Agent",
  allQueues: "All queues",
  serviceLevel: "Service level",
  total: "Total",
  none: "Nothing of this began in these days.",
  noneDetail: "Figures count where they begin: choose other days, or another queue.",
  formulas: "What the figures mean",
  before: (text: string) => `before ${text}`,
  chart: (titles: string) => `Chart of ${titles}. The table below has the same figures.`,
  behindOf: (value: string, column: string, row: string) =>
    `${value}: ${column}, ${row}. Show contacts`,
  behind: (shown: number, all: number) =>
    shown < all ? `The first ${shown} of ${all} contacts.` : `${all} in all.`,
  nobody: "No contact any more: figures change while contacts go on.",
  began: "Began",
  time: "Time",
  close: "Close",
  export: "Save as",
  formats: {
    csv: "CSV",
    xlsx: "Excel workbook",
    pdf: "PDF",
    json: "JSON",
  } as Record<string, string>,
};
