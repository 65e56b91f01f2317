/** A choice of one among few, all in sight: radio buttons drawn as a row of large buttons. */
export function Choice<T extends string>(p: {
  label: string;
  value: T | "";
  of: readonly (readonly [T, string])[];
  choose(v: T): void;
  hint?: string;
  tall?: boolean;
}) {
  return (
    <fieldset class={`choice${p.tall ? " is-tall" : ""}`}>
      <legend>{p.label}</legend>
      {p.hint && <p class="choice-hint">{p.hint}</p>}
      <div class="choice-items">
        {p.of.map(([value, text]) => (
          <label key={value} class="choice-item">
            <input type="radio" name={p.label} checked={p.value === value} onChange={() => p.choose(value)} />
            <span>{text}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
