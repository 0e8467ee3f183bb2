import { useEffect, useRef } from "react";
import {
  TextField as AriaTextField,
  FieldError,
  Input,
  Label,
  TextArea,
} from "react-aria-components";

interface Properties {
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** More than one line where given. */
  rows?: number;
  type?: "text" | "password" | "date" | "time" | "datetime-local";
  inputMode?: "text" | "numeric" | "decimal" | "tel" | "email";
  name?: string;
  autoComplete?: string;
  placeholder?: string;
  problem?: string;
  isRequired?: boolean;
  isFocusedFirst?: boolean;
  /** Hides the label from the eye only. */
  isLabelHidden?: boolean;
  /** Enter in a field of one line, Ctrl+Enter in a larger one. */
  onSubmit?: () => void;
  /** In a field of several lines, Enter submits and Shift+Enter begins a line. */
  isSubmittedByEnter?: boolean;
}

export function TextField(properties: Properties) {
  const { label, value, onChange, rows, problem = "", onSubmit, isFocusedFirst } = properties;
  const field = useRef<HTMLInputElement & HTMLTextAreaElement>(null);
  useEffect(() => {
    if (isFocusedFirst) field.current?.focus();
  }, [isFocusedFirst]);
  const attributes = {
    ref: field,
    placeholder: properties.placeholder,
    onKeyDown: (event: React.KeyboardEvent) => {
      if (event.key !== "Enter" || !onSubmit) return;
      const isLine = properties.isSubmittedByEnter ? event.shiftKey : !event.ctrlKey;
      if (rows && isLine) return;
      event.preventDefault();
      onSubmit();
    },
  };
  return (
    <AriaTextField
      className="field"
      value={value}
      onChange={onChange}
      name={properties.name}
      autoComplete={properties.autoComplete}
      type={properties.type ?? "text"}
      inputMode={properties.inputMode}
      isRequired={properties.isRequired ?? false}
      isInvalid={problem !== ""}
      validationBehavior="aria"
    >
      <Label className={properties.isLabelHidden ? "unseen" : "label"}>{label}</Label>
      {rows ? (
        <TextArea className="input" rows={rows} {...attributes} />
      ) : (
        <Input className="input" {...attributes} />
      )}
      <FieldError className="problem">{problem}</FieldError>
    </AriaTextField>
  );
}
