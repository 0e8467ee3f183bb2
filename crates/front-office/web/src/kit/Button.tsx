import type { ReactNode } from "react";
import { Button as AriaButton } from "react-aria-components";

interface Properties {
  children: ReactNode;
  onPress?: (() => void) | undefined;
  look?: "primary" | "plain" | "quiet" | "danger";
  size?: "small" | "normal" | "large";
  type?: "button" | "submit";
  /** Shown beside the text, and told to screen readers. */
  keys?: string;
  label?: string;
  /** Of a button that is switched on and off. */
  isPressed?: boolean;
  /** Shown dim and does nothing; it keeps the focus. */
  isPending?: boolean;
  isDisabled?: boolean;
  isFocusedFirst?: boolean;
}

export function Button(properties: Properties) {
  const { children, onPress, look = "plain", size = "normal", type = "button", keys } = properties;
  const isPending = properties.isPending ?? false;
  return (
    <AriaButton
      className={`button ${look} ${size} ${isPending ? "pending" : ""}`}
      type={isPending ? "button" : type}
      onPress={() => !isPending && onPress?.()}
      isDisabled={properties.isDisabled ?? false}
      autoFocus={properties.isFocusedFirst ?? false}
      aria-label={properties.label}
      aria-keyshortcuts={keys}
      aria-pressed={properties.isPressed}
    >
      <span className="text">{children}</span>
      {keys ? (
        <kbd aria-hidden="true" className="keys">
          {keys}
        </kbd>
      ) : null}
    </AriaButton>
  );
}
