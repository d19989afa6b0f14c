import { fuzzBriefly } from '../fuzz-briefly.ts';
import { upstreamResponse } from './upstream-response.ts';

fuzzBriefly(upstreamResponse);
