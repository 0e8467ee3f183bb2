import type { ReactNode } from "react";
import { Mark, type Tone } from "./Mark";

interface Properties {
  tone: Tone;
  title: string;
  children?: ReactNode;
}

/** Something to know, at its place. It is not spoken by itself. */
export function Notice({ tone, title, children }: Properties) {
  return (
    <div className={`notice ${tone}`}>
      <Mark tone={tone} />
      <div>
        <strong>{title}</strong>
        {children ? <p>{children}</p> : null}
      </div>
    </div>
  );
}
