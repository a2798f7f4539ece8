// The helper for modules: the same object that `require("bobbin")` gives, and its parts by name.
import bobbin from "./index.cjs";

export default bobbin;
export const { log, progress, message, checkpoint, lastCheckpoint } = bobbin;
