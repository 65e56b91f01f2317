// The panels of the ward's staff. They are one file of the build, fetched after the board: see later.tsx.
import "../style/staff.css";
export { Channels } from "../quality/Channels";
export { Quality } from "../quality/Quality";
export { Assign } from "./Assign";
export { HandOvers } from "./HandOvers";
export { Roster } from "./Roster";
