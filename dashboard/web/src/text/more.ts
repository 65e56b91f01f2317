import later from "virtual:texts/later";
import { addTexts } from "./locale";

// The texts of every part that comes after the board.
addTexts(later);
