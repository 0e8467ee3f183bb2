import type { ReactNode } from "react";

interface Properties {
  title: string;
  detail?: string;
  children?: ReactNode;
}

/** What stands where nothing is: what it means, and what can be done. */
export function Empty({ title, detail, children }: Properties) {
  return (
    <div className="empty">
      <p className="title">{title}</p>
      {detail ? <p className="detail">{detail}</p> : null}
      {children}
    </div>
  );
}
