import { fuzzBriefly } from '../fuzz-briefly.ts';
import { path } from './path.ts';

fuzzBriefly(path);
