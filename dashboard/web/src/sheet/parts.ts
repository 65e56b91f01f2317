// What an opened bed leads to. It is one file of the build, fetched after the board: see later.tsx.
export { Outlook } from "../assess/Outlook";
export { ChartForm } from "../charting/ChartForm";
export { LimitForm } from "../orders/LimitForm";
export { Limits } from "../orders/Limits";
export { Care } from "../orders/Care";
export { Scale } from "../orders/Scale";
export { Admit, Discharge, OffWard, Transfer } from "./moves";
export { AskReason } from "./AskReason";
export { Symptoms, SymptomForm } from "../staff/Symptoms";
