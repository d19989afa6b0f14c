import { fuzzBriefly } from '../fuzz-briefly.ts';
import { host } from './host.ts';

fuzzBriefly(host);
