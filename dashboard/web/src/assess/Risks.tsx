import { percent } from "../text/format";
import { code, t } from "../text/locale";
import type { Input, Risk } from "./contract";
import { ageText, helpText, inputText, isGiven, oneIn, reasonText, withheldText } from "./words";

/** Reasons shown; more of them explain less. */
const most = 5;

/** What each model that staff may see says, why, and from what. */
export function Risks({ risks, at }: { risks: Risk[]; at: number }) {
  if (risks.length === 0) return null;
  return (
    <section>
      <h3>{t("risk.heading")}</h3>
      {risks.map((r) => (
        <One key={r.task} risk={r} at={at} />
      ))}
    </section>
  );
}

function One({ risk: r, at }: { risk: Risk; at: number }) {
  return (
    <article class={`risk${r.raised ? " is-raised" : ""}`}>
      <h4>{code("task", r.task)}</h4>
      {r.value === null ? <Withheld risk={r} /> : <Value risk={r} value={r.value} />}
      {r.value !== null && r.reasons.length > 0 && (
        <ul class="reasons">
          {r.reasons.slice(0, most).map((x) => (
            <li key={x.input} class={x.push < 0 ? "is-down" : ""}>
              {reasonText(x)}
            </li>
          ))}
        </ul>
      )}
      {r.value !== null && <p class="small">{code("task.what", r.task)}</p>}
      {r.model && (
        <details class="small">
          <summary>{t("risk.made_from")}</summary>
          <Inputs inputs={r.inputs} at={at} />
          <p>{t("risk.model", { model: r.model, version: r.version })}</p>
        </details>
      )}
    </article>
  );
}

function Value({ risk: r, value }: { risk: Risk; value: number }) {
  return (
    <>
      <p class="risk-value">
        <b>{percent(value)}</b>
        <span>{[oneIn(value), t("risk.threshold", { threshold: percent(r.threshold) })].filter(Boolean).join(" · ")}</span>
      </p>
      <p class={r.raised ? "risk-raised" : "small"}>{t(r.raised ? "risk.raised" : "risk.not_raised")}</p>
    </>
  );
}

function Withheld({ risk: r }: { risk: Risk }) {
  const help = helpText(r.withheld);
  return (
    <>
      <p>{t("risk.withheld", { reason: withheldText(r.withheld, r.because) })}</p>
      {help && <p>{help}</p>}
    </>
  );
}

function Inputs({ inputs, at }: { inputs: Input[]; at: number }) {
  return (
    <ul>
      {inputs.map((x) => (
        <li key={x.input}>{[inputText(x), isGiven(x.input) ? "" : ageText(x.at, at)].filter(Boolean).join(" · ")}</li>
      ))}
    </ul>
  );
}
