/** A labelled text field with its error under it. */
export function Field(p: {
  label: string;
  value: string;
  input(v: string): void;
  type?: "text" | "password" | "date";
  mode?: "decimal" | "numeric" | "text";
  error?: string;
  autocomplete?: string;
  name: string;
}) {
  const id = "field-" + p.name;
  return (
    <p class={`field${p.error ? " is-wrong" : ""}`}>
      <label for={id}>{p.label}</label>
      <input
        id={id}
        name={p.name}
        type={(p.type ?? "text") as "text" /* the typings want each type spelled out */}
        inputMode={p.mode ?? "text"}
        value={p.value}
        autocomplete={p.autocomplete ?? "off"}
        aria-invalid={!!p.error}
        aria-describedby={p.error ? id + "-error" : undefined}
        onInput={(e) => p.input(e.currentTarget.value)}
      />
      {p.error && (
        <span id={id + "-error"} class="field-error">
          {p.error}
        </span>
      )}
    </p>
  );
}
