import { fuzzBriefly } from '../fuzz-briefly.ts';
import { proxyHeader } from './proxy-header.ts';

fuzzBriefly(proxyHeader);
