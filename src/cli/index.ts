/**
 * The command line: reads what is asked for, makes all parts, starts and ends them. May import every
 * room; no room imports it.
 */
export { runProcess } from './run-process.ts';
