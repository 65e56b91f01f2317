import { render } from "preact";
import { App } from "./app/App";
import "./style/tokens.css";
import "./style/base.css";
import "./style/board.css";
import "./style/tile.css";
import "./style/vitals.css";
import "./style/round.css";
import "./style/alert.css";
import "./style/sheet.css";
import "./style/outlook.css";
import "./style/imaging.css";

const root = document.getElementById("app");
if (root) render(<App />, root);
