import { fuzzBriefly } from '../fuzz-briefly.ts';
import { logLine } from './log-line.ts';

fuzzBriefly(logLine);
