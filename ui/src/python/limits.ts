// How much Python in the browser may take, and how much its frame may say.

/** The sandbox's limits of a run: the same numbers as the local runner's. */
export const RUN_SECONDS = 60;
export const RUN_MEGABYTES = 512;

/** Our own code on the person's files: a 200 MB file takes its time, an archive made to explode must not. */
export const READ_SECONDS = 600;
export const READ_MEGABYTES = 768;

/** A log is cut here (the runners' shared limit), and so is every other text. */
export const LOG_CHARACTERS = 1_000_000;
export const TEXT_CHARACTERS = 20_000;
export const NAME_CHARACTERS = 255;
export const OUTPUTS = 50;

/** From one worker in one task: a script that floods the frame is stopped. */
export const MESSAGES = 20_000;
export const MESSAGE_CHARACTERS = 8_000_000;

/** Starting takes seconds; a machine that needs this long is not going to. */
export const START_SECONDS = 90;
/** What the page gives the frame to stop a worker before it takes the whole frame away. */
export const STOP_SECONDS = 0.9;
